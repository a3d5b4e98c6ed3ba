/** Makes a Debian package of a tree (deb(5)): the same bytes from the same tree, whoever builds it. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { layOutTree, settle } from './tree.js';
import type { Release } from './release.js';

export interface PackageOptions {
  readonly root: string;
  /** Folder with unit, maintainer scripts and the rest. */
  readonly files: string;
  /** Empty folder to work in. */
  readonly stage: string;
  readonly out: string;
  readonly release: Release;
  readonly compression: 'xz' | 'gzip' | 'none';
}

const NAME = 'timeband-gateway';
const SCRIPTS = ['postinst', 'prerm', 'postrm'] as const;
const UNITS = ['timeband-gateway.service', 'timeband-upgrade-resume.service'] as const;
const DOCS = [
  'install.md',
  'operators.md',
  'settings.md',
  'files.md',
  'monitoring.md',
  'metrics.md',
  'alerts.yaml',
  'codes.md',
  'recovery.md',
  'bluetooth.md',
] as const;
/** What a Node.js of NodeSource or nodejs.org is linked against. */
const LIBRARIES = 'libc6 (>= 2.28), libstdc++6 (>= 9), libgcc-s1';

/** @returns the file @throws Error; what dpkg-deb says */
export function makeDeb({ root, files, stage, out, release, compression }: PackageOptions): string {
  const at = (...path: readonly string[]): string => join(stage, ...path);
  for (const dir of ['opt/timeband/package', 'usr/bin', 'usr/lib/systemd/system', 'DEBIAN']) {
    mkdirSync(at(dir), { recursive: true });
  }
  mkdirSync(at('usr/share', NAME), { recursive: true });
  mkdirSync(at('usr/share/doc', NAME), { recursive: true });
  layOutTree({ root, dir: at('opt/timeband/package'), release });
  for (const command of readdirSync(at('opt/timeband/package/bin'))) {
    symlinkSync(`/opt/timeband/current/bin/${command}`, at('usr/bin', command));
  }
  for (const unit of UNITS) copyFileSync(join(files, 'systemd', unit), at('usr/lib/systemd/system', unit));
  copyFileSync(join(files, 'systemd/radio-adapter.conf'), at('usr/share', NAME, 'radio-adapter.conf'));
  writeDocs(root, at('usr/share/doc', NAME));
  for (const script of SCRIPTS) {
    const text = readFileSync(join(files, 'debian', script), 'utf8').replaceAll('@VERSION@', release.version);
    writeFileSync(at('DEBIAN', script), text, { mode: 0o755 });
  }
  const content = listFiles(stage).filter((file) => !file.startsWith('DEBIAN/'));
  writeFileSync(at('DEBIAN/md5sums'), content.map((file) => `${md5(at(file))}  ${file}\n`).join(''));
  writeFileSync(
    at('DEBIAN/control'),
    control(
      release,
      content.map((file) => lstatSync(at(file)).size),
    ),
  );
  settle(stage, release.date);
  chmodSync(at('DEBIAN/control'), 0o644);
  const file = join(out, `${NAME}_${release.version}_${release.arch}.deb`);
  mkdirSync(out, { recursive: true });
  // One thread more or less would be other bytes.
  execFileSync(
    'dpkg-deb',
    ['--build', '--root-owner-group', `-Z${compression}`, '--threads-max=2', stage, file],
    {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(release.date) },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  return file;
}

/** A folder `timeband-gateway-VERSION`, for boxes without dpkg and for images. @returns the file */
export function makeTarball({ root, stage, out, release }: PackageOptions): string {
  const name = `${NAME}-${release.version}`;
  mkdirSync(join(stage, name), { recursive: true });
  layOutTree({ root, dir: join(stage, name), release });
  settle(stage, release.date);
  const file = join(out, `${NAME}_${release.version}_${release.arch}.tar.gz`);
  mkdirSync(out, { recursive: true });
  const ownership = ['--owner=0', '--group=0', '--numeric-owner', `--mtime=@${release.date}`];
  // gzip -n: no name and no time.
  execFileSync('tar', ['-C', stage, '--sort=name', ...ownership, '-I', 'gzip -n', '-cf', file, name]);
  return file;
}

/** Bytes are given for the files, one a file. */
function control({ version, arch, bundlesNode }: Release, sizes: readonly number[]): string {
  const kilobytes = sizes.reduce((sum, size) => sum + Math.ceil(size / 1_024), 0);
  const depends = bundlesNode ? LIBRARIES : `nodejs (>= 20.19), ${LIBRARIES}`;
  return `Package: ${NAME}
Version: ${version}
Architecture: ${arch}
Maintainer: Timeband <root@localhost>
Installed-Size: ${kilobytes}
Depends: ${depends}, passwd, coreutils
Recommends: systemd
Suggests: mosquitto-clients
Section: net
Priority: optional
Description: gateway of a community's time deposits
 The box in a community centre. Reads wristband readers on serial lines and bands
 on Bluetooth LE, verifies and keeps what they recorded, and publishes signed
 events on its own MQTT broker and to a city.
 .
 With bandctl, the technicians' tool.
`;
}

function writeDocs(root: string, dir: string): void {
  for (const name of DOCS) {
    if (existsSync(join(root, 'docs', name))) copyFileSync(join(root, 'docs', name), join(dir, name));
  }
  writeFileSync(join(dir, 'changelog.gz'), gzipSync(readFileSync(join(root, 'CHANGELOG.md')), { level: 9 }));
  writeFileSync(
    join(dir, 'copyright'),
    'Timeband is not licensed for use by others. Packages below /opt/timeband/package/node_modules and\n' +
      '/opt/timeband/package/node have licences of their own, which stand beside them.\n',
  );
}

function listFiles(dir: string, top = dir): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) return listFiles(path, top);
      return entry.isFile() ? [relative(top, path)] : [];
    });
}

function md5(file: string): string {
  return createHash('md5').update(readFileSync(file)).digest('hex');
}

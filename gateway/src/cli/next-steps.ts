/** What whoever made a site does next, in the language of the machine. */
import type { siteFiles } from '../config/index.js';

export interface NewSite {
  readonly dir: string;
  readonly site: string;
  readonly files: ReturnType<typeof siteFiles>;
}

export type Language = 'en' | 'zh';

/** As programs tell it by the environment (POSIX, 8.2): the first that is set counts. */
export function languageOf(env: Readonly<Record<string, string | undefined>> = process.env): Language {
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return locale?.toLowerCase().startsWith('zh') === true ? 'zh' : 'en';
}

export function nextSteps(made: NewSite, language: Language = languageOf()): string {
  return WORDS[language](made);
}

const WORDS: Readonly<Record<Language, (made: NewSite) => string>> = {
  en: ({ dir, site, files }) => `A new site, ${site}, is in ${dir}. Next:

  1. Keep the issuer key safe, away from this box: ${files.issuerKey}
     It certifies bands and readers. Move it to the technician's encrypted stick.
  2. Read the settings, and change what is different here: ${files.config}
  3. Give each program that listens an account. Its password is shown once:
     timeband-gateway user add NAME --role subscriber --config ${files.config}
  4. Programs on other machines know the box by this file; give it to them:
     ${files.mqttAuthority}
  5. Look whether all is well:
     timeband-gateway check --config ${files.config}
  6. Start the gateway:
     timeband-gateway run --config ${files.config}`,
  zh: ({ dir, site, files }) => `新站点 ${site} 已建好，在 ${dir}。接下来：

  1. 把签发密钥从这台设备上移走，妥善保管：${files.issuerKey}
     手环和读卡器都由它签发证书。请移到技术员的加密U盘上。
  2. 看一遍设置，按本站的情况修改：${files.config}
  3. 给每个接收数据的程序开一个账号（密码只显示一次）：
     timeband-gateway user add 名称 --role subscriber --config ${files.config}
  4. 其他机器上的程序凭下面这个文件认出本设备，请发给它们：
     ${files.mqttAuthority}
  5. 检查是否一切正常：
     timeband-gateway check --config ${files.config}
  6. 启动网关：
     timeband-gateway run --config ${files.config}`,
};

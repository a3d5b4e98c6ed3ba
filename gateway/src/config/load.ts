/** Reads the configuration file (YAML) and says in plain words what is wrong with it. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { configSchema, type Config } from './schema.js';

/** What a person has to put right before the gateway can work. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @throws ConfigError naming the file, the setting and what it should be */
export function loadConfig(file: string): Config {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(
      `cannot read ${file}: ${(error as Error).message}. Make one with: timeband-gateway init DIR`,
    );
  }
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new ConfigError(`${file} is not YAML: ${error.message}`);
  }
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(
      (issue) => `  ${issue.path.join('.') || '(top)'}: ${issue.message}`,
    );
    throw new ConfigError(`${file} has settings that do not fit:\n${issues.join('\n')}`);
  }
  return { ...parsed.data, dataDir: resolve(dirname(file), parsed.data.dataDir) };
}

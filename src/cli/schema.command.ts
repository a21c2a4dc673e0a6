import { configSchema } from '../config/index.js';
import { SECTIONS } from '../sections.js';
import { EXIT, type ExitCode, type Terminal } from './terminal.js';

export function printSchema(terminal: Terminal): ExitCode {
  terminal.out(JSON.stringify(configSchema(SECTIONS), undefined, 2));
  return EXIT.ok;
}

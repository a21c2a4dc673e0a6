import { IsBoolean } from 'class-validator';

import { Doc, Section } from '../config/index.js';

@Section('admin')
export class AdminSection {
  @Doc('Whether /api/v1 is served. It is served on the main port, and only while that is bound to loopback.')
  @IsBoolean()
  readonly enabled: boolean = true;
}

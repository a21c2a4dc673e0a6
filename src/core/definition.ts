import type { JsonObject } from './json.js';

/** A tool, prompt or resource as its server describes it. The same object as long as the description is the same. */
export class Definition {
  private parsed: JsonObject | undefined;

  /** @param bytes a JSON object, in the group's own words */
  constructor(readonly bytes: Buffer) {}

  /** Parsed once, when somebody asks. Treat it as frozen. */
  object(): JsonObject {
    return (this.parsed ??= JSON.parse(this.bytes.toString()) as JsonObject);
  }
}

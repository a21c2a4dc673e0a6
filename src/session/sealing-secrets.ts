import { ValidateBy, type ValidationOptions } from 'class-validator';

const MIN_BYTES = 32;
const BASE64 = /^[\w+/-]+={0,2}$/;

/** The bytes that a configured secret stands for: of its base64 where it is that, else of the text. */
export function secretBytes(text: string): Buffer {
  const decoded = BASE64.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  return decoded.length >= MIN_BYTES ? decoded : Buffer.from(text);
}

/** The bytes of all that can be sealed with. The others are refused with the configuration that has them. */
export function sealingSecrets(values: readonly unknown[]): Buffer[] {
  return values.filter(isSealingSecret).map(secretBytes);
}

function isSealingSecret(value: unknown): value is string {
  return typeof value === 'string' && secretBytes(value).length >= MIN_BYTES;
}

/** A secret that is long enough to seal with. */
export function IsSealingSecret(options: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isSealingSecret',
      validator: {
        validate: isSealingSecret,
        defaultMessage: () => 'each value must have at least 32 bytes',
      },
    },
    options,
  );
}

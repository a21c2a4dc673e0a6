import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { IsInt, IsPositive } from 'class-validator';

import { type Configurable, defineExtensionPoint, ExtensionModule, Extensions, type ExtensionTraits } from './index.js';

interface Greeter {
  greet(): string;
}
interface GreeterTraits extends ExtensionTraits {
  readonly language: string;
}
const Greeter = defineExtensionPoint<Greeter, GreeterTraits>('greeter');
const Other = defineExtensionPoint<object>('other thing');

@Injectable()
class Names {
  readonly name = 'world';
}

@Greeter({ name: 'english', language: 'en' })
class English implements Greeter {
  private greeted = 0;

  constructor(private readonly names: Names) {}

  greet(): string {
    return `hello ${this.names.name} ${++this.greeted}`;
  }
}

class LoudOptions {
  @IsInt()
  @IsPositive()
  readonly exclamationMarks: number = 1;

  @IsInt()
  readonly pitch!: number;
}

@Other({ name: 'loud' })
@Greeter({ name: 'loud', language: 'en', options: LoudOptions })
class Loud implements Greeter, Configurable<LoudOptions> {
  private options!: LoudOptions;

  configure(options: LoudOptions): void {
    this.options = options;
  }

  greet(): string {
    return `HELLO${'!'.repeat(this.options.exclamationMarks)}`;
  }
}

@Module({ providers: [Names, English, Loud] })
class GreeterModule {}

async function extensionsOf(...modules: (new () => object)[]): Promise<Extensions> {
  const app = await Test.createTestingModule({ imports: [ExtensionModule, ...modules] }).compile();
  await app.init();
  return app.get(Extensions);
}

describe('Extensions', () => {
  it('makes a fresh instance with its dependencies for each place that names it', async () => {
    const extensions = await extensionsOf(GreeterModule);

    const [one, two] = [await extensions.create(Greeter, 'english'), await extensions.create(Greeter, 'english')];

    expect([one.greet(), one.greet(), two.greet()]).toEqual(['hello world 1', 'hello world 2', 'hello world 1']);
  });

  it('hands over options in the words of the class, checked and with defaults', async () => {
    const extensions = await extensionsOf(GreeterModule);

    const loud = await extensions.create(Greeter, 'loud', { exclamation_marks: 3, pitch: 1 });

    expect(loud.greet()).toBe('HELLO!!!');
  });

  it('refuses options that are wrong, and says every reason', async () => {
    const extensions = await extensionsOf(GreeterModule);

    const refused = extensions.create(Greeter, 'loud', { exclamation_marks: 0, pich: 1 });

    await expect(refused).rejects.toMatchObject({
      code: 'config_invalid',
      message:
        'greeter "loud": pich: unknown key; did you mean "pitch"?; exclamation_marks: must be a positive number (got 0); pitch: is required',
    });
    expect(extensions.check(Greeter, 'loud', { pitch: 'high' })).toEqual([
      { key: 'pitch', message: 'must be a number (got "high")' },
    ]);
    expect(extensions.check(Greeter, 'english', { any: 1 })).toEqual([{ key: '', message: 'takes no options' }]);
  });

  it('lists the known names when one is unknown', async () => {
    const extensions = await extensionsOf(GreeterModule);

    await expect(extensions.create(Greeter, 'p2c')).rejects.toMatchObject({
      code: 'config_invalid',
      message: 'unknown greeter "p2c"; known: english, loud',
    });
    expect(extensions.check(Greeter, 'p2c')).toEqual([
      { key: '', message: 'unknown greeter "p2c"; known: english, loud' },
    ]);
  });

  it('tells names in order of registration and what the decorator said', async () => {
    const extensions = await extensionsOf(GreeterModule);

    expect(extensions.names(Greeter)).toEqual(['english', 'loud']);
    expect(extensions.traits(Greeter, 'english').language).toBe('en');
  });

  it('lets one class join two points', async () => {
    const extensions = await extensionsOf(GreeterModule);

    expect(extensions.names(Other)).toEqual(['loud']);
  });

  it('knows nothing of a point that nobody joined', async () => {
    const extensions = await extensionsOf();

    expect(extensions.names(Greeter)).toEqual([]);
    expect(extensions.check(Greeter, 'x')).toEqual([{ key: '', message: 'unknown greeter "x"; known: none' }]);
  });

  it('refuses to start when two classes claim one name', async () => {
    @Greeter({ name: 'english', language: 'gb' })
    class Impostor {}
    @Module({ providers: [Impostor] })
    class ImpostorModule {}

    await expect(extensionsOf(GreeterModule, ImpostorModule)).rejects.toThrow(
      'two classes are the greeter "english": English and Impostor',
    );
  });

  it('takes the same class from two modules for one', async () => {
    @Module({ providers: [Names, English] })
    class AgainModule {}

    const extensions = await extensionsOf(GreeterModule, AgainModule);

    expect(extensions.names(Greeter)).toEqual(['english', 'loud']);
  });
});

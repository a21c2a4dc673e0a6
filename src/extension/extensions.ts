import { Injectable, type OnModuleInit, type Type } from '@nestjs/common';
import { DiscoveryService, ModuleRef } from '@nestjs/core';

import { GatewayError } from '../core/errors.js';
import {
  type Configurable,
  type Declaration,
  Extension,
  type ExtensionPoint,
  type ExtensionTraits,
} from './extension-point.js';
import { type OptionProblem, readOptions } from './options.js';

interface Registered {
  readonly type: Type<object>;
  readonly traits: ExtensionTraits;
}

type AnyPoint = ExtensionPoint<object, never>;

/** Finds extensions by the names that configuration uses, and makes instances of them. */
@Injectable()
export class Extensions implements OnModuleInit {
  private byPoint: ReadonlyMap<AnyPoint, ReadonlyMap<string, Registered>> | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly modules: ModuleRef,
  ) {}

  /** @throws `config_invalid` when two classes claim one name */
  onModuleInit(): void {
    this.registered();
  }

  /**
   * A fresh instance with its dependencies injected and its options set. The caller owns it.
   *
   * @param rawOptions as they stand in configuration: snake_case keys
   * @throws `config_invalid` for an unknown name (the message lists the known ones) or wrong options
   */
  async create<Contract extends object, Traits extends ExtensionTraits>(
    point: ExtensionPoint<Contract, Traits>,
    name: string,
    rawOptions: unknown = {},
  ): Promise<Contract> {
    const { type, traits } = this.find(point, name);
    const { options, problems } = readOptions(traits.options, rawOptions);
    if (problems.length > 0) {
      const said = problems.map(({ key, message }) => (key ? `${key}: ${message}` : message)).join('; ');
      throw new GatewayError('config_invalid', `${point.kind} "${name}": ${said}`);
    }
    const instance = await this.modules.resolve<object>(type, undefined, { strict: false });
    if (options) (instance as Configurable<object>).configure(options);
    return instance as Contract;
  }

  /** What is wrong with naming an extension like this; nothing is created. For checks of a new configuration. */
  check<Traits extends ExtensionTraits>(
    point: ExtensionPoint<object, Traits>,
    name: string,
    rawOptions: unknown = {},
  ): readonly OptionProblem[] {
    const found = this.of(point).get(name);
    if (!found) return [{ key: '', message: this.unknown(point, name) }];
    return readOptions(found.traits.options, rawOptions).problems;
  }

  /** The names that configuration may use, in order of registration. */
  names<Traits extends ExtensionTraits>(point: ExtensionPoint<object, Traits>): readonly string[] {
    return [...this.of(point).keys()];
  }

  /**
   * What the decorator said.
   *
   * @throws `config_invalid` for an unknown name
   */
  traits<Traits extends ExtensionTraits>(point: ExtensionPoint<object, Traits>, name: string): Traits {
    return this.find(point, name).traits as Traits;
  }

  private find<Traits extends ExtensionTraits>(point: ExtensionPoint<object, Traits>, name: string): Registered {
    const found = this.of(point).get(name);
    if (!found) throw new GatewayError('config_invalid', this.unknown(point, name));
    return found;
  }

  private unknown<Traits extends ExtensionTraits>(point: ExtensionPoint<object, Traits>, name: string): string {
    return `unknown ${point.kind} "${name}"; known: ${this.names(point).join(', ') || 'none'}`;
  }

  private of<Traits extends ExtensionTraits>(point: ExtensionPoint<object, Traits>): ReadonlyMap<string, Registered> {
    return this.registered().get(point) ?? new Map<string, Registered>();
  }

  /** Every module has been scanned before the first provider is made, so whoever asks first sees all. */
  private registered(): ReadonlyMap<AnyPoint, ReadonlyMap<string, Registered>> {
    if (this.byPoint) return this.byPoint;
    const byPoint = new Map<AnyPoint, Map<string, Registered>>();
    for (const { metatype } of this.discovery.getProviders()) {
      if (typeof metatype !== 'function') continue;
      for (const { point, traits } of declarationsOf(metatype)) {
        const known = byPoint.get(point) ?? new Map<string, Registered>();
        register(known, { type: metatype as Type<object>, traits }, point);
        byPoint.set(point, known);
      }
    }
    return (this.byPoint = byPoint);
  }
}

function declarationsOf(type: object): readonly Declaration[] {
  return (Reflect.getOwnMetadata(Extension.KEY, type) as readonly Declaration[] | undefined) ?? [];
}

function register(known: Map<string, Registered>, added: Registered, { kind }: AnyPoint): void {
  const { name } = added.traits;
  const other = known.get(name);
  if (other && other.type !== added.type) {
    throw new GatewayError(
      'config_invalid',
      `two classes are the ${kind} "${name}": ${other.type.name} and ${added.type.name}`,
    );
  }
  known.set(name, added);
}

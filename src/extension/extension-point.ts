import { applyDecorators, Injectable, Scope } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';

import type { ShapeClass } from './shape/shape-class.js';

/** What every extension says about itself. */
export interface ExtensionTraits {
  /** The name that configuration uses: snake_case, unique within its point. */
  readonly name: string;
  /** The shape of the options that may stand beside the name. Without one, there are none. */
  readonly options?: ShapeClass;
}

/** An extension with options. `configure` is called once, before anything else, with validated options. */
export interface Configurable<Options extends object> {
  configure(options: Options): void;
}

/**
 * A place where the gateway can be extended. Decorating a class with the point makes it nameable in
 * configuration; each place that names it gets an instance of its own, with its dependencies injected.
 */
export interface ExtensionPoint<Contract extends object, Traits extends ExtensionTraits = ExtensionTraits> {
  (traits: Traits): ClassDecorator;
  /** What its extensions are called in messages: `balancing strategy`. */
  readonly kind: string;
  /** Never set. Lets `Extensions.create` infer what it returns. */
  readonly contract?: Contract;
}

/** One decoration of one class. */
export interface Declaration {
  readonly point: ExtensionPoint<object, never>;
  readonly traits: ExtensionTraits;
}

/** Marks the classes that discovery looks for. */
export const Extension = DiscoveryService.createDecorator<readonly Declaration[]>();

/** Makes a new place to extend the gateway at. The result is a class decorator. */
export function defineExtensionPoint<Contract extends object, Traits extends ExtensionTraits = ExtensionTraits>(
  kind: string,
): ExtensionPoint<Contract, Traits> {
  const point: ExtensionPoint<Contract, Traits> = Object.assign(
    (traits: Traits): ClassDecorator =>
      (type) => {
        const others = (Reflect.getOwnMetadata(Extension.KEY, type) as readonly Declaration[] | undefined) ?? [];
        const declared: Declaration = { point, traits };
        applyDecorators(Extension([...others, declared]), Injectable({ scope: Scope.TRANSIENT }))(type);
      },
    { kind },
  );
  return point;
}

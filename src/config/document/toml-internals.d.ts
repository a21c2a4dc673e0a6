/** The two halves of the `toml` package. Only the first knows where a key stands. */
declare module 'toml/lib/parser.js' {
  export type TomlValue =
    | { readonly type: 'Array'; readonly offset: number; readonly value: readonly TomlValue[] }
    | { readonly type: 'InlineTable'; readonly offset: number; readonly value: readonly TomlAssignment[] }
    | { readonly type: 'String' | 'Integer' | 'Float' | 'Boolean' | 'Date'; readonly offset: number };

  export interface TomlAssignment {
    readonly type: 'Assign' | 'InlineTableValue';
    readonly offset: number;
    readonly key: readonly string[];
    readonly value: TomlValue;
  }

  export interface TomlHeader {
    readonly type: 'ObjectPath' | 'ArrayPath';
    readonly offset: number;
    readonly value: readonly string[];
  }

  export type TomlNode = TomlAssignment | TomlHeader;

  const parser: { parse(text: string, options?: { maxDepth?: number }): readonly TomlNode[] };
  export default parser;
}

declare module 'toml/lib/compiler.js' {
  const compiler: { compile(nodes: readonly unknown[], text: string): Record<string, unknown> };
  export default compiler;
}

import { type Field, fieldsOf, type ShapeClass } from '../extension/index.js';
import { sectionInfo } from './section.js';

/** A table of the file that sections stand in or are: `middleware` is only a table, `middleware.timeout` a section. */
export interface SectionNode {
  section: ShapeClass | undefined;
  readonly children: Map<string, SectionNode>;
}

/** The known sections by the tables they stand in. @throws TypeError when two claim one place */
export function sectionTree(sections: readonly ShapeClass[]): SectionNode {
  const root: SectionNode = { section: undefined, children: new Map() };
  for (const section of sections) {
    let node = root;
    for (const step of sectionInfo(section).path) {
      const next = node.children.get(step) ?? { section: undefined, children: new Map<string, SectionNode>() };
      node.children.set(step, next);
      node = next;
    }
    if (node.section) throw new TypeError(`two sections are [${sectionInfo(section).name}]`);
    node.section = section;
  }
  return root;
}

/** Whether a key path, given without indices and free names, leads to something that is known. */
export function isKnown(root: SectionNode, path: readonly string[]): boolean {
  let node = root;
  for (const [index, step] of path.entries()) {
    const next = node.children.get(step);
    if (!next) return node.section !== undefined && hasField(node.section, path.slice(index));
    node = next;
  }
  return true;
}

function hasField(shape: ShapeClass, [first = '', ...rest]: readonly string[]): boolean {
  const field = fieldsOf(shape).find(({ key }) => key === first);
  if (!field || rest.length === 0) return field !== undefined;
  const inner = shapeOf(field);
  return inner !== undefined && hasField(inner, rest);
}

function shapeOf(field: Field): ShapeClass | undefined {
  return field.kind === 'table' ? field.shape() : undefined;
}

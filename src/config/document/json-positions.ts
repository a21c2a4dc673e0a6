import { Positions } from './positions.js';

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Where each member of a valid JSON text stands. */
export function jsonPositions(text: string): Positions {
  const positions = new Positions(text);
  const path: (string | number)[] = [];
  let awaitsKey = false;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      path.push(token === '[' ? 0 : '');
      awaitsKey = token === '{';
      if (token === '[') positions.note(path, index);
    } else if (token === '}' || token === ']') {
      path.pop();
      awaitsKey = false;
    } else if (token === ',') {
      awaitsKey = step(path);
      positions.note(path, index);
    } else if (awaitsKey && token !== ':') {
      path[path.length - 1] = JSON.parse(token) as string;
      positions.note(path, index);
      awaitsKey = false;
    }
  }
  return positions;
}

/** Goes on to the next element. Says whether a key comes next. */
function step(path: (string | number)[]): boolean {
  const last = path.at(-1);
  if (typeof last !== 'number') return true;
  path[path.length - 1] = last + 1;
  return false;
}

import type { ConfigProblem } from '../../config/index.js';
import { problemOf } from './condition.js';
import type { PolicySection } from './policy.section.js';

/** What is wrong with rules, beside what their shape says. */
export function checkPolicy({ rules }: PolicySection): ConfigProblem[] {
  const names = new Set<string>();
  return rules.flatMap(({ name, when }, index) => {
    const key = `security.policy.rules[${index}]`;
    const problems: ConfigProblem[] = [];
    if (names.has(name)) problems.push({ key: `${key}.name`, message: `another rule is called "${name}" already` });
    names.add(name);
    const wrong = when === undefined ? undefined : problemOf(when);
    if (wrong !== undefined) problems.push({ key: `${key}.when`, message: `this condition cannot be used: ${wrong}` });
    return problems;
  });
}

import { McpRequest } from '../core/message.js';
import { readParams } from './scanner/params.js';
import { subjectOf } from './subject.js';

function subject(method: string, params: string): string | undefined {
  return subjectOf(new McpRequest(method, readParams(Buffer.from(params))));
}

describe('what a request is about', () => {
  const both =
    '{"name":"a name","uri":"a:uri","taskId":"a task","task":{},"ref":{"type":"ref/prompt","name":"a prompt","uri":"b:uri"}}';

  it('is said where its method says it, whatever else is there', () => {
    expect(subject('tools/call', both)).toBe('a name');
    expect(subject('tasks/get', both)).toBe('a task');
    expect(subject('prompts/get', both)).toBe('a name');
    expect(subject('resources/read', both)).toBe('a:uri');
    expect(subject('completion/complete', both)).toBe('a prompt');
    expect(subject('completion/complete', '{"ref":{"type":"ref/resource","uri":"b:{id}"}}')).toBe('b:{id}');
  });

  it('is nothing where the method names nothing, or the params do not', () => {
    expect(subject('tools/list', both)).toBeUndefined();
    expect(subject('nope', both)).toBeUndefined();
    expect(subject('tools/call', '{"name":7}')).toBeUndefined();
    expect(subject('completion/complete', '{"ref":{"type":"ref/tool","name":"x"}}')).toBeUndefined();
    expect(subjectOf(new McpRequest('tools/call', undefined))).toBeUndefined();
  });
});

/** The JSON-RPC messages of an answer: one as JSON, any number as a stream of events. */
export function messagesOf(contentType: string | undefined, body: string): string[] {
  if (!contentType?.startsWith('text/event-stream')) return [body];

  const data = body.split('\n').filter((line) => line.startsWith('data:'));
  return data.map((line) => line.slice('data:'.length).trim()).filter((message) => message !== '');
}

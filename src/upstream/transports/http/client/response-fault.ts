/** A response that is not HTTP/1.1 as it has to be written: nothing more is read on its connection. */
export class ResponseFault extends Error {
  override readonly name = 'ResponseFault';
}

/** A handshake that is answered with an HTTP error instead of an upgrade. */
export class Refusal {
  /** The HTTP status. */
  readonly status: number;
  /** One sentence that names the header, setting or parameter at fault. */
  readonly message: string;
  /** Headers of the response. */
  readonly headers: Readonly<Record<string, string>>;

  /** Creates a refusal; `headers` defaults to none. */
  constructor(
    status: number,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    this.status = status;
    this.message = message;
    this.headers = headers;
  }
}

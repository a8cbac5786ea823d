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

const MAX_QUOTED_CHARACTERS = 100;

/** Quotes a value for a sentence: its beginning is enough to recognize it. */
export function quote(value: string): string {
  return JSON.stringify(shorten(value, MAX_QUOTED_CHARACTERS));
}

/** Cuts a text that a client may have made very long. */
export function shorten(text: string, characters: number): string {
  return text.length > characters ? `${text.slice(0, characters)}…` : text;
}

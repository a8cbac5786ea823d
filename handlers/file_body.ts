/**
 * The bytes of a file, or a part of them, which are read when they are sent.
 * Between two reads the file is not open: however many clients read slowly, they
 * hold no descriptors.
 */
export class FileBody {
  readonly #path: string;
  readonly #info: Deno.FileInfo;
  readonly #start: number;
  /** The number of bytes. */
  readonly length: number;

  /**
   * @param path of the file
   * @param info what is known about it: the bytes are those of this version
   */
  constructor(
    path: string,
    info: Deno.FileInfo,
    start = 0,
    length = info.size,
  ) {
    this.#path = path;
    this.#info = info;
    this.#start = start;
    this.length = length;
  }

  /** The bytes from one place to before another, as of a `Uint8Array`. */
  subarray(from: number, to: number): FileBody {
    const start = Math.min(from, this.length);
    const end = Math.min(to, this.length);
    return new FileBody(
      this.#path,
      this.#info,
      this.#start + start,
      Math.max(end - start, 0),
    );
  }

  /**
   * Reads the bytes.
   *
   * @throws {Error} when the file has changed since, or cannot be read
   */
  read(): Uint8Array<ArrayBuffer> {
    // Before it is opened: a named pipe in its place would block the thread.
    this.#check(Deno.statSync(this.#path));
    using file = Deno.openSync(this.#path);
    const bytes = new Uint8Array(this.length);
    file.seekSync(this.#start, Deno.SeekMode.Start);
    for (let at = 0; at < bytes.length;) {
      const count = file.readSync(bytes.subarray(at));
      if (count === null) break;
      at += count;
    }
    this.#check(file.statSync());
    return bytes;
  }

  #check({ size, mtime }: Deno.FileInfo) {
    const { size: knownSize, mtime: knownTime } = this.#info;
    if (size === knownSize && mtime?.getTime() === knownTime?.getTime()) return;
    throw new Error(
      `Cannot send the file ${
        JSON.stringify(this.#path)
      }: it has changed meanwhile`,
    );
  }
}

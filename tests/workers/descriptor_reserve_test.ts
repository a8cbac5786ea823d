import { assertEquals } from "@std/assert";
import { DescriptorReserve } from "../../handlers/workers/descriptor_reserve.ts";

/** Has the system give so many descriptors, and no more until the scope ends. */
class FewDescriptors implements Disposable {
  readonly #openSync = Deno.openSync;
  readonly files: Deno.FsFile[] = [];
  left = 0;

  constructor() {
    Deno.openSync = (...args) => {
      if (this.left-- <= 0) throw new Error("Too many open files");
      const file = this.#openSync(...args);
      this.files.push(file);
      return file;
    };
  }

  [Symbol.dispose]() {
    Deno.openSync = this.#openSync;
  }
}

Deno.test({
  name: "DescriptorReserve.fill() takes what it can get, and the rest later",
  ignore: Deno.build.os === "windows",
  fn() {
    using system = new FewDescriptors();
    const reserve = new DescriptorReserve();
    system.left = 10;
    reserve.fill();
    assertEquals(system.files.length, 10);
    system.left = 100;
    reserve.fill();
    reserve.fill();
    assertEquals(system.files.length, 16);
    // The sanitizer sees whether all of them are closed.
    reserve.release();
    reserve.release();
    reserve.fill();
    assertEquals(system.files.length, 32);
    reserve.release();
  },
});

import { PARTS } from "./main.ts";
import { testSmall, WAITING } from "./small_parts.ts";

for (const part of PARTS) if (!WAITING.includes(part.name)) testSmall(part);

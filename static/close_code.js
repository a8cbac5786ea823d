// @ts-check

/** The close codes of RFC 6455, section 7.4.1, and of IANA's registry, by name. */
const names = new Map([
  [1000, "Normal Closure"],
  [1001, "Going Away"],
  [1002, "Protocol Error"],
  [1003, "Unsupported Data"],
  [1004, "Reserved"],
  [1005, "No Status Received"],
  [1006, "Abnormal Closure"],
  [1007, "Invalid Payload Data"],
  [1008, "Policy Violation"],
  [1009, "Message Too Big"],
  [1010, "Mandatory Extension"],
  [1011, "Internal Error"],
  [1012, "Service Restart"],
  [1013, "Try Again Later"],
  [1014, "Bad Gateway"],
  [1015, "TLS Handshake"],
]);

/**
 * The name of a close code, or of the range it lies in (RFC 6455, section
 * 7.4.2).
 * @param {number} code
 * @returns {string}
 */
export function closeName(code) {
  const name = names.get(code);
  if (name !== undefined) return name;
  if (code >= 3000 && code <= 3999) return "Registered";
  if (code >= 4000 && code <= 4999) return "Private Use";
  return "Unassigned";
}

/**
 * What a browser lets a page close with: 1000 and 3000 to 4999. Everything
 * else makes `WebSocket.close` throw.
 * @param {number} code
 * @returns {boolean}
 */
export function pageMayClose(code) {
  return code === 1000 || (code >= 3000 && code <= 4999);
}

/**
 * What the server's `close` parameter takes.
 * @param {number} code
 * @returns {boolean}
 */
export function serverMayClose(code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
    (code >= 3000 && code <= 4999);
}

/** The codes above by name, for a list to choose from. */
export const closeChoices = [...names.keys()].filter(serverMayClose);

/** The longest close reason, in bytes of UTF-8 (RFC 6455, section 5.5.1). */
export const reasonLimit = 123;

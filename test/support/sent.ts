// What a client sent to the server, by the messages of its protocol.
// https://www.postgresql.org/docs/current/protocol-message-formats.html

const tlsRequest = 80_877_103
const lengthOfStart = 4
const typeAndLength = 5

/** The texts of the simple queries in what one connection sent, byte for byte as latin1. */
export const queriesIn = (sent: string): readonly string[] => {
  const bytes = Buffer.from(sent, 'latin1')
  const queries: string[] = []
  let at = 0
  if (bytes.length >= 2 * lengthOfStart && bytes.readInt32BE(lengthOfStart) === tlsRequest)
    at += bytes.readInt32BE(0)
  // The start-up message has no type.
  if (at + lengthOfStart <= bytes.length) at += bytes.readInt32BE(at)
  while (at + typeAndLength <= bytes.length) {
    const end = at + 1 + bytes.readInt32BE(at + 1)
    if (bytes[at] === 'Q'.charCodeAt(0))
      queries.push(bytes.subarray(at + typeAndLength, end - 1).toString('utf8'))
    at = end
  }
  return queries
}

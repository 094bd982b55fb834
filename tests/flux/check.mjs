// Reads a JSON array of Flux texts, answers with a JSON array: whether each is valid by syntax and by types.
import { text } from 'node:stream/consumers'
import { Flux } from '@influxdata/flux-lsp-node'

const isValid = (query) => {
  try {
    return new Flux(query).is_valid()
  } catch {
    return false
  }
}

process.stdout.write(JSON.stringify(JSON.parse(await text(process.stdin)).map(isValid)))

import { loadParser } from '../sql/parser.ts';

// The parser's wasm is compiled on another thread, once this turn is over; the rest of the program is loaded meanwhile.
const parserReady = loadParser();
setImmediate(async () => {
  const { serve } = await import('./serve.ts');
  serve(parserReady);
});

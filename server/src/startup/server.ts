import { join } from 'node:path';
import { start } from './start.ts';

start(join(__dirname, 'languageServer.js'));

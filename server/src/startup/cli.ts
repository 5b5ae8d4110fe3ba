import { join } from 'node:path';
import { start } from './start.ts';

start(join(__dirname, 'commandLine.js'));

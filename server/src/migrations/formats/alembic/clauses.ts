import type { MappedText } from '../../../python/mappedText.ts';
import { type Bound, switchedOn } from './arguments.ts';
import { keyword } from './sqlText.ts';

/** Words of SQL that an argument switches on, at that argument's place. */
export function clause(options: Bound, argument: string, text: string): MappedText | undefined {
  const place = switchedOn(options, argument);
  return place && keyword(text, place);
}

export function ifExists(options: Bound): MappedText | undefined {
  return clause(options, 'if_exists', 'IF EXISTS');
}

export function ifNotExists(options: Bound): MappedText | undefined {
  return clause(options, 'if_not_exists', 'IF NOT EXISTS');
}

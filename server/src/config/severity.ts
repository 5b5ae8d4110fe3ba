/** Strongest first. The levels of `skein.json` are these and "off". */
export type Severity = 'error' | 'warning' | 'information' | 'hint';

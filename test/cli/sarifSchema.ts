/**
 * The part of SARIF 2.1.0 (OASIS standard, 27 March 2020) that Skein writes, as a JSON schema: which properties its
 * objects must and may have. Section numbers are those of the standard.
 */

const text = { type: 'string', minLength: 1 };

function object(required: readonly string[], properties: Readonly<Record<string, unknown>>) {
  return { type: 'object', additionalProperties: false, required, properties };
}

function list(items: unknown, atLeast = 0) {
  return { type: 'array', items, minItems: atLeast };
}

const level = { enum: ['none', 'note', 'warning', 'error'] };
/** 3.11: plain text, with a period or not. */
const message = object(['text'], { text });
const multiformatMessage = object(['text'], { text });

/** 3.30: lines and columns count from 1. */
const region = object(['startLine'], {
  startLine: { type: 'integer', minimum: 1 },
  startColumn: { type: 'integer', minimum: 1 },
  endLine: { type: 'integer', minimum: 1 },
  endColumn: { type: 'integer', minimum: 1 },
});

/** 3.4 */
const artifactLocation = object(['uri'], { uri: { type: 'string', format: 'uri-reference' } });

const physicalLocation = object(['artifactLocation'], { artifactLocation, region });

const location = object(['physicalLocation'], {
  id: { type: 'integer', minimum: -1 },
  physicalLocation,
  message,
});

/** 3.55 to 3.57 */
const replacement = object(['deletedRegion'], {
  deletedRegion: region,
  insertedContent: object(['text'], { text: { type: 'string' } }),
});
const artifactChange = object(['artifactLocation', 'replacements'], {
  artifactLocation,
  replacements: list(replacement, 1),
});
const fix = object(['artifactChanges'], { description: message, artifactChanges: list(artifactChange, 1) });

/** 3.27 */
const result = object(['message'], {
  ruleId: text,
  ruleIndex: { type: 'integer', minimum: -1 },
  level,
  message,
  locations: list(location),
  relatedLocations: { ...list(location), uniqueItems: true },
  partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } },
  fixes: { ...list(fix), uniqueItems: true },
});

/** 3.49 */
const reportingDescriptor = object(['id'], {
  id: text,
  shortDescription: multiformatMessage,
  fullDescription: multiformatMessage,
  help: multiformatMessage,
  defaultConfiguration: object([], { level }),
  properties: object([], { tags: { ...list(text), uniqueItems: true } }),
});

/** 3.13, 3.14, 3.18 and 3.19 */
export const sarifSchema = object(['version', 'runs'], {
  $schema: { type: 'string', format: 'uri' },
  version: { const: '2.1.0' },
  runs: list(
    object(['tool'], {
      tool: object(['driver'], {
        driver: object(['name'], {
          name: text,
          semanticVersion: { type: 'string', pattern: String.raw`^\d+\.\d+\.\d+` },
          rules: { ...list(reportingDescriptor), uniqueItems: true },
        }),
      }),
      columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
      results: list(result),
    }),
  ),
});

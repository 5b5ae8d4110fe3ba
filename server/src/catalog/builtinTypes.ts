/** Names of types that every database has (pg_type.dat and the grammar's own spellings), without their array forms. */
export const BUILTIN_TYPES: ReadonlySet<string> = new Set(
  `abstime aclitem any anyarray anycompatible anyelement anyenum anyrange anynonarray bit bool box bpchar bytea char cid
  cidr circle cstring date daterange datemultirange event_trigger float4 float8 gtsvector inet int2 int2vector int4
  int4range int4multirange int8 int8range int8multirange internal interval json jsonb jsonpath language_handler line
  lseg macaddr macaddr8 money name numeric nummultirange numrange oid oidvector path pg_lsn pg_snapshot point polygon
  record refcursor regclass regcollation regconfig regdictionary regnamespace regoper regoperator regproc regprocedure
  regrole regtype serial serial2 serial4 serial8 smallserial bigserial text tid time timestamp timestamptz timetz
  trigger tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector txid_snapshot unknown uuid varbit varchar void
  xid xid8 xml`.split(/\s+/),
);

/**
 * Names of types that come with extensions in wide use. An extension is often installed by an administrator, outside of
 * the migrations: such a type is not missing because no file makes it.
 */
export const EXTENSION_TYPES: ReadonlySet<string> = new Set(
  `citext cube earth geography geometry halfvec hstore isbn isbn13 issn lquery ltree ltxtquery raster seg sparsevec
  topogeometry upc vector query_int gtin ean13 semver uri`.split(/\s+/),
);

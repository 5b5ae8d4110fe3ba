"""every type"""
from alembic import op
from sqlalchemy import *
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy import types

revision = "d001"
down_revision = None


def upgrade():
    op.create_table(
        "types",
        Column("a", Integer),
        Column("b", SmallInteger()),
        Column("c", BigInteger()),
        Column("d", String()),
        Column("e", String(length=20, collation="de_DE")),
        Column("f", Unicode(5)),
        Column("g", UnicodeText()),
        Column("h", Numeric(10)),
        Column("i", Numeric(precision=10, scale=2)),
        Column("j", Float()),
        Column("k", Float(53)),
        Column("l", Double()),
        Column("m", Date()),
        Column("n", DateTime()),
        Column("o", DateTime(True)),
        Column("p", Time(timezone=True)),
        Column("q", Interval()),
        Column("r", LargeBinary()),
        Column("s", PickleType()),
        Column("t", JSON()),
        Column("u", Uuid()),
        Column("v", Uuid(native_uuid=False)),
        Column("w", Boolean()),
        Column("x", CHAR(3)),
        Column("y", VARCHAR(7)),
        Column("z", DECIMAL(8, 3)),
        Column("aa", types.REAL()),
        Column("ab", TIMESTAMP(timezone=True)),
        Column("ac", ARRAY(Integer)),
        Column("ad", pg.ARRAY(String(3), dimensions=2)),
        Column("ae", pg.JSONB(astext_type=Text())),
        Column("af", pg.INET()),
        Column("ag", pg.CIDR()),
        Column("ah", pg.MACADDR()),
        Column("ai", pg.TSVECTOR()),
        Column("aj", pg.HSTORE()),
        Column("ak", pg.INTERVAL(fields="DAY TO SECOND", precision=3)),
        Column("al", pg.TIMESTAMP(precision=3)),
        Column("am", pg.TIME(timezone=True, precision=2)),
        Column("an", pg.BIT(3)),
        Column("ao", pg.BIT(3, varying=True)),
        Column("ap", pg.UUID(as_uuid=True)),
        Column("aq", pg.NUMRANGE()),
        Column("ar", pg.INT8MULTIRANGE()),
        Column("at", pg.OID()),
        Column("au", pg.DOUBLE_PRECISION()),
        Column("av", pg.BYTEA()),
        Column("aw", pg.CITEXT()),
        Column("ax", pg.MONEY()),
        Column("ay", JSON().with_variant(pg.JSONB(), "postgresql")),
        Column("az", String().with_variant(Text(), "sqlite")),
        Column("ba", Enum("a", "b", name="letters", schema="app")),
        Column("bb", Enum("one", "three", name="numbers", native_enum=False)),
        Column("bc", Enum("x", "y", name="xy", native_enum=False, create_constraint=True, length=9)),
        Column("bd", pg.ENUM("p", "q", name="pq", create_type=False)),
        Column("be", pg.ARRAY(pg.ENUM("r", "s", name="rs"))),
    )
    op.create_table("again", Column("a", Enum("a", "b", name="letters", schema="app")))


def downgrade():
    pass

"""columns and their constraints"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "d002"
down_revision = "d001"


def upgrade():
    op.create_table(
        "parent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False, unique=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "pair",
        sa.Column("a", sa.Integer(), primary_key=True),
        sa.Column("b", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("c", sa.Integer(), sa.ForeignKey("parent.id", name="pair_c", onupdate="CASCADE", match="FULL"), index=True, unique=True),
        sa.CheckConstraint("a > b", name=op.f("pair_check")),
        comment="pairs of a's",
    )
    op.create_table(
        "counted",
        sa.Column("b", sa.Integer(), primary_key=True),
        sa.Column("a", sa.BigInteger(), primary_key=True, autoincrement=True),
        sa.Column("p", sa.Integer(), sa.ForeignKey("app.other.id", deferrable=True, initially="DEFERRED")),
        schema="app",
    )
    op.create_table(
        "pk_is_fk",
        sa.Column("id", sa.Integer(), sa.ForeignKey("parent.id"), primary_key=True),
        sa.Column("x", sa.Integer(), server_default=sa.text("1"), nullable=False, comment="x's"),
    )
    op.create_table("small", sa.Column("id", sa.SmallInteger(), primary_key=True))
    op.create_table("texty", sa.Column("id", sa.Text(), primary_key=True, server_default=sa.func.gen_random_uuid()))
    op.create_table(
        "keys",
        sa.Column("a", sa.Integer()),
        sa.Column("b", sa.Integer(), nullable=True),
        sa.Column("During", postgresql.TSRANGE()),
        sa.PrimaryKeyConstraint("b", "a", name="keys_pk"),
        sa.ForeignKeyConstraint(["a", "b"], ["pair.a", "pair.b"], name="keys_fk", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["a"], ["parent.id"], name="keys_later", use_alter=True),
        sa.UniqueConstraint("a", "b", name="keys_u", postgresql_nulls_not_distinct=True, deferrable=False),
        postgresql.ExcludeConstraint(("During", "&&"), ("a", "="), using="gist", name="keys_ex", where=sa.text("a > 0")),
        sa.Index("keys_i", "a", sa.text("b DESC"), unique=True, postgresql_where=sa.text("a > 1")),
        postgresql_with={"fillfactor": 70},
        postgresql_tablespace="Fast",
    )
    op.create_table(
        "parts",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("v", sa.Integer(), sa.Identity(always=True, start=10, increment=5, cycle=True)),
        sa.Column("w", sa.Integer(), sa.Identity(), nullable=True),
        sa.Column("d", sa.Integer(), sa.Computed("v * 2", persisted=True), nullable=False),
        postgresql_partition_by="RANGE (at)",
        prefixes=["UNLOGGED"],
        if_not_exists=True,
    )
    op.add_column("parent", sa.Column("user", sa.Integer(), sa.ForeignKey("pair.a", ondelete="SET DEFAULT"), nullable=True))
    op.add_column("parent", sa.Column("i1", sa.Integer(), index=True, unique=True), schema="app")
    op.add_column("parent", sa.Column("i2", sa.Integer(), sa.Identity(always=True), comment="i2"))
    op.add_column("parent", sa.Column("pk", sa.Integer(), primary_key=True))
    op.add_column("parent", sa.Column("e", sa.Enum("m", "n", name="mn"), server_default="m"))
    op.add_column("parent", sa.Column("e2", sa.Enum("m", "n", name="mn2", native_enum=False, create_constraint=True)))
    op.add_column("parent", sa.Column("t", sa.DateTime(), server_default=sa.func.timezone("utc", sa.func.now())))
    op.add_column("parent", sa.Column("u", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("parent", sa.Column("w", sa.String(), server_default="it's"))
    op.add_column("parent", sa.Column("x", sa.Integer(), sa.CheckConstraint("x > 0", name="x_pos"), nullable=False))
    op.add_column("parent", sa.Column("y", sa.DateTime(), server_default=sa.func.current_timestamp()))
    op.add_column("parent", sa.Column("z", sa.Integer(), server_default=sa.literal_column("5")))


def downgrade():
    op.drop_table("Parent")
    op.drop_table("parts", schema="app", if_exists=True)

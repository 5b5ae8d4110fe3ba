"""alter column, indexes, constraints"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "d003"
down_revision = "d002"


def upgrade():
    op.alter_column("t", "a", existing_type=sa.VARCHAR(length=3), type_=sa.Text(), existing_nullable=False)
    op.alter_column("t", "a", existing_server_default=sa.text("1"), server_default=sa.text("2"), schema="s")
    op.alter_column("t", "a", server_default=sa.Identity(always=True, start=3), existing_server_default=sa.Identity())
    op.alter_column("t", "a", nullable=True, existing_comment="x", comment="y's")
    op.alter_column("t", "User", new_column_name="Name")
    op.alter_column("t", "e", type_=sa.Enum("a", name="e_new"), postgresql_using="e::text::e_new")
    op.alter_column("t", "c", existing_type=sa.Enum("a", name="ck_c", native_enum=False, create_constraint=True), type_=sa.Enum("a", "b", name="ck_c2", native_enum=False, create_constraint=True))
    op.alter_column("t", "d", server_default=False, nullable=False)
    op.alter_column("t", "f", type_=postgresql.ARRAY(sa.Integer()), server_default="{}")
    op.create_index("i1", "t", ["a", "B"])
    op.create_index("i2", "t", [sa.text("lower(a)"), "b"], unique=True, schema="s", postgresql_using="BTREE")
    op.create_index("i3", "t", ["a"], postgresql_where="a > 5", postgresql_concurrently=False)
    op.create_index("i4", "t", [sa.func.lower(sa.column("a")), sa.column("b").desc(), sa.desc("c"), sa.column("d").asc().nullslast()])
    op.create_index("i5", "t", ["a", "b"], postgresql_ops={"a": "text_pattern_ops"}, postgresql_include=["c", "D"])
    op.create_index("i6", "t", ["a"], postgresql_with={"fillfactor": 50, "fastupdate": True}, postgresql_tablespace="ts")
    op.create_index("i7", "t", ["a"], postgresql_where=sa.column("a") > 5)
    op.create_index("i8", "t", ["a"], postgresql_where=sa.and_(sa.column("a").is_(None), sa.column("b") == "x"))
    op.create_index("i9", "t", [sa.literal_column("(a + b)")])
    op.drop_index("i1")
    op.drop_index("i2", "t", schema="s", if_exists=True)
    op.drop_index(op.f("i3"), table_name="t", postgresql_concurrently=True, if_exists=True)
    op.create_primary_key("pk", "t", ["a", "b"], schema="s")
    op.create_unique_constraint("u", "t", ["a"], schema="s", deferrable=True)
    op.create_unique_constraint("u2", "t", ["a"], initially="IMMEDIATE")
    op.create_foreign_key(None, "t", "o", ["a"], ["b"], source_schema="s", referent_schema="r", match="FULL")
    op.create_foreign_key("fk", "t", "t", ["a", "b"], ["c", "d"], ondelete="SET NULL (a)", initially="DEFERRED", deferrable=True)
    op.create_check_constraint("c1", "t", sa.column("a").in_(["x", "y"]), schema="s")
    op.create_check_constraint("c2", "t", sa.or_(sa.column("a") > 1, sa.and_(sa.column("b").isnot(None), ~sa.column("c"))))
    op.create_check_constraint("c3", "t", sa.func.char_length(sa.column("a")) <= 5)
    op.create_check_constraint("c4", "t", (sa.column("a") + sa.column("b")) * 2 < 10)
    op.create_check_constraint("c5", "t", sa.column("a").between(1, 2))
    op.create_exclude_constraint("ex", "t", ("a", "="), (sa.column("b"), "&&"), where=sa.column("a") > 1, using="GIST", deferrable=True, schema="s")
    op.drop_constraint("c", "t", type_="check", schema="s", if_exists=True)
    op.rename_table("Old", "new")
    op.create_table_comment("t", "a 'comment'", schema="s")
    op.drop_table_comment("t", schema="s")
    op.drop_column("t", "c", schema="s.x")


def downgrade():
    with op.batch_alter_table("t", schema="s") as batch_op:
        batch_op.drop_constraint("c", type_="unique")
        batch_op.create_foreign_key("fk", "o", ["a"], ["b"], referent_schema="r", ondelete="CASCADE")
        batch_op.create_check_constraint("k", "a > 1")
        batch_op.create_primary_key("p", ["a"])
        batch_op.drop_index("i")
        batch_op.alter_column("a", type_=sa.Text(), nullable=False, new_column_name="b", existing_type=sa.Integer())
        batch_op.add_column(sa.Column("f", sa.Integer(), sa.ForeignKey("o.id"), index=True))
        batch_op.create_table_comment("x")
        batch_op.drop_table_comment()
        batch_op.create_exclude_constraint("ex", ("a", "="), using="gist")

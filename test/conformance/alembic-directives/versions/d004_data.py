"""rows"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy import column, table

revision = "d004"
down_revision = "d003"

users = table("users", column("id", sa.Integer), column("name", sa.String), column("Active", sa.Boolean), schema="app")


def upgrade():
    op.bulk_insert(users, [{"name": "a", "id": 1, "Active": True}, {"id": 2, "name": None, "Active": False}])
    op.execute(users.insert().values(name=sa.literal("x"), id=3))
    op.execute(sa.insert(users).values({"id": 4}))
    op.execute(users.update().values({"name": op.inline_literal("y")}).where(users.c.id == op.inline_literal(3)))
    op.execute(sa.update(users).where(users.c.id > 3, users.c.name.is_(None)).values(id=users.c.id + 1))
    op.execute(users.delete().where(sa.and_(users.c.id == 3, users.c.name != "z")))
    op.execute(sa.delete(users))
    op.execute(sa.text("SELECT 1 WHERE 'a' = :a AND 2 = :b").bindparams(sa.bindparam("a", "it's"), b=2))
    op.execute(sa.schema.CreateSequence(sa.Sequence("seq")))
    op.execute(sa.schema.DropSequence(sa.Sequence("seq", schema="app")))
    op.execute(sa.schema.CreateSchema("New"))
    op.execute(sa.schema.DropSchema("New", cascade=True))
    op.execute(sa.DDL("SELECT 'ddl'"))
    op.execute("SELECT '{}'::jsonb;")
    t = op.create_table("made", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("n", sa.Text()))
    op.bulk_insert(t, [{"n": "a"}])


def downgrade():
    for name, columns in {"i1": ["a"], "i2": ["a", "b"]}.items():
        op.create_index(f"ix_{name}", "t", columns)
    for i in range(2):
        op.execute("SELECT %d" % i)

/** Revisions of a shop: all that alembic's directives do to the version table and to transactions. */

interface RevisionText {
  readonly id: string;
  readonly after?: readonly string[];
  readonly dependsOn?: string;
  readonly label?: string;
  readonly up: string;
  readonly down?: string;
}

/** The text of a revision's file. Bodies are Python lines, indented by nothing. */
export function revisionText({ id, after = [], dependsOn, label, up, down = 'pass' }: RevisionText): string {
  const body = (lines: string) => lines.split('\n').map((line) => `    ${line}\n`);
  return [
    'from alembic import op\nimport sqlalchemy as sa\nfrom sqlalchemy.dialects import postgresql\n\n',
    `revision = "${id}"\n`,
    `down_revision = ${after.length === 0 ? 'None' : `(${after.map((each) => `"${each}", `).join('')})`}\n`,
    `branch_labels = ${label === undefined ? 'None' : `("${label}",)`}\n`,
    `depends_on = ${dependsOn === undefined ? 'None' : `"${dependsOn}"`}\n\n\n`,
    'def upgrade() -> None:\n',
    ...body(up),
    '\n\ndef downgrade() -> None:\n',
    ...body(down),
  ].join('');
}

const users: RevisionText = {
  id: 'aa01',
  up: `op.create_table(
    "users",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("email", sa.String(120), nullable=False, unique=True, index=True),
    sa.Column("role", sa.Enum("admin", "member", name="role"), server_default="member"),
    sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()")),
)
op.bulk_insert(
    sa.table("users", sa.column("email", sa.String)),
    [{"email": "a@example.org"}, {"email": "it's 50%"}],
)`,
  down: `op.drop_table("users")
op.execute("DROP TYPE role")`,
};

const orders: RevisionText = {
  id: 'bb02',
  after: ['aa01'],
  up: `state = postgresql.ENUM("open", "paid", name="order_state", create_type=False)
state.create(op.get_bind(), checkfirst=True)
state.create(op.get_bind(), checkfirst=True)
op.create_table(
    "orders",
    sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
    sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("state", state, nullable=False),
    sa.CheckConstraint("id > 0", name="positive"),
)
op.execute("INSERT INTO orders (user_id, state) SELECT id, 'open' FROM users; UPDATE users SET email = email || '\\\\:x'")`,
  down: `op.drop_table("orders")
postgresql.ENUM(name="order_state").drop(op.get_bind(), checkfirst=True)`,
};

const index: RevisionText = {
  id: 'cc03',
  after: ['bb02'],
  up: `op.add_column("orders", sa.Column("note", sa.Text(), server_default="-", comment="what they said"))
with op.get_context().autocommit_block():
    op.create_index("orders_state", "orders", ["state"], postgresql_concurrently=True)
    op.execute("ALTER TYPE order_state ADD VALUE IF NOT EXISTS 'sent'")
op.alter_column("orders", "note", nullable=False, server_default="")`,
  down: `with op.get_context().autocommit_block():
    op.drop_index("orders_state", table_name="orders", postgresql_concurrently=True)
op.drop_column("orders", "note")`,
};

const left: RevisionText = {
  id: 'dd04',
  after: ['cc03'],
  label: 'left',
  up: 'op.create_table("left_side", sa.Column("n", sa.Integer()))',
  down: 'op.drop_table("left_side")',
};

const right: RevisionText = {
  id: 'ee05',
  after: ['cc03'],
  up: `with op.batch_alter_table("users") as batch:
    batch.add_column(sa.Column("name", sa.Text()))
    batch.create_unique_constraint("users_name", ["name"])`,
  down: `with op.batch_alter_table("users") as batch:
    batch.drop_constraint("users_name", type_="unique")
    batch.drop_column("name")`,
};

const merge: RevisionText = { id: 'ff06', after: ['dd04', 'ee05'], up: 'pass' };

const apart: RevisionText = {
  id: 'gg07',
  dependsOn: 'bb02',
  label: 'apart',
  up: 'op.execute("CREATE VIEW open_orders AS SELECT id FROM orders WHERE state = \'open\'")',
  down: 'op.execute("DROP VIEW open_orders")',
};

/** Fails at the second of its statements; what is before the block is committed by then. */
const failing: RevisionText = {
  id: 'hh08',
  after: ['ff06'],
  up: `op.create_table("kept", sa.Column("n", sa.Integer()))
with op.get_context().autocommit_block():
    op.execute("COMMENT ON TABLE kept IS 'kept'")
op.execute("""
    INSERT INTO users (email)
    SELECT email FROM users
""")`,
};

/** A whole project, by file name. */
export const shopRevisions: Readonly<Record<string, string>> = Object.fromEntries(
  [users, orders, index, left, right, merge, apart].map((each) => [`${each.id}_x.py`, revisionText(each)]),
);

/** The same with one more, that fails. */
export const failingRevisions: Readonly<Record<string, string>> = {
  ...shopRevisions,
  'hh08_x.py': revisionText(failing),
};

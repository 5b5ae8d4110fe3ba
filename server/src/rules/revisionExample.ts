/** An example's file: a revision that does nothing, and comes after others. */
export function revisionFile(
  id: string,
  downRevisions: readonly string[] = [],
  more: { readonly dependsOn?: string; readonly branchLabel?: string } = {},
): { readonly name: string; readonly text: string } {
  const quoted = downRevisions.map((each) => `"${each}"`);
  const down = quoted.length > 1 ? `(${quoted.join(', ')})` : (quoted[0] ?? 'None');
  const lines = [
    `revision = "${id}"`,
    `down_revision = ${down}`,
    ...(more.branchLabel === undefined ? [] : [`branch_labels = "${more.branchLabel}"`]),
    ...(more.dependsOn === undefined ? [] : [`depends_on = "${more.dependsOn}"`]),
  ];
  return { name: `${id}_step.py`, text: `${lines.join('\n')}\n\n\ndef upgrade():\n    pass\n` };
}

/** A revision whose upgrade runs `body`. */
export function revisionThat(body: string): { readonly name: string; readonly text: string } {
  const text = `from alembic import op
import sqlalchemy as sa

revision = "1975ea83b712"
down_revision = None


def upgrade():
    ${body}


def downgrade():
    pass
`;
  return { name: '1975ea83b712_step.py', text };
}

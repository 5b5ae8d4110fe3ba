"""order status

Revision ID: c47b19d0e6a3
Revises: 8d02e5ac71f9
Create Date: 2026-03-21 08:11:02.334410
"""
from alembic import op
import sqlalchemy as sa

revision = "c47b19d0e6a3"
down_revision = "8d02e5ac71f9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("orders") as batch_op:
        batch_op.add_column(sa.Column("status", sa.Text(), nullable=True))
    op.execute(
        """
        UPDATE orders
        SET status = 'paid'
        """
    )
    op.alter_column("orders", "status", nullable=False)


def downgrade() -> None:
    op.drop_column("orders", "status")

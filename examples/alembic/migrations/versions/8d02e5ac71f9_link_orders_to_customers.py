"""link orders to customers

Revision ID: 8d02e5ac71f9
Revises: 3f1c9a7be204
Create Date: 2026-02-03 14:02:45.901127
"""
from alembic import op

revision = "8d02e5ac71f9"
down_revision = "3f1c9a7be204"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_foreign_key("orders_customer_id_fkey", "orders", "customers", ["customer_id"], ["id"])
    op.create_index("orders_customer_id_idx", "orders", ["customer_id"])


def downgrade() -> None:
    op.drop_index("orders_customer_id_idx", table_name="orders")
    op.drop_constraint("orders_customer_id_fkey", "orders", type_="foreignkey")

-- Rights of the role that serves: it reads and writes rows, changes no table, and only adds to the audit.
-- Run as the owner of the tables, once after every upgrade: psql -v ON_ERROR_STOP=1 -f deploy/runtime_role.sql
-- The role itself is made before: CREATE ROLE caixiang_app LOGIN PASSWORD '…';

BEGIN;
GRANT USAGE ON SCHEMA public TO caixiang_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO caixiang_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO caixiang_app;

REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM caixiang_app;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_archive FROM caixiang_app;
REVOKE INSERT, DELETE, TRUNCATE ON audit_heads FROM caixiang_app;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON alembic_version FROM caixiang_app;
REVOKE CREATE ON SCHEMA public FROM caixiang_app;
COMMIT;

-- The tables of the product's PostgreSQL database, as its application made them.

CREATE TABLE IF NOT EXISTS users (
    id uuid PRIMARY KEY,
    first_name text,
    last_name text,
    email text,
    password text NOT NULL,
    created_at timestamptz,
    updated_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS groups (
    id uuid PRIMARY KEY,
    name text,
    description text,
    created_at timestamptz,
    updated_at timestamptz NOT NULL
);

-- an object-relational mapper's link table: no constraint, so duplicates happen
CREATE TABLE IF NOT EXISTS groups_users_user (
    groups_id uuid,
    users_id uuid
);

-- scheduled_at is text, filled by several clients in several forms
CREATE TABLE IF NOT EXISTS activities (
    id uuid PRIMARY KEY,
    group_id uuid,
    user_id uuid,
    activity_type text,
    title text,
    description text,
    location text,
    scheduled_at text,
    status text,
    created_at timestamptz
);

CREATE TABLE IF NOT EXISTS notification_states (
    id uuid,
    user_id uuid,
    notification_id uuid,
    status text,
    updated_at timestamptz
);
CREATE INDEX IF NOT EXISTS notification_states_updated_at ON notification_states (updated_at);

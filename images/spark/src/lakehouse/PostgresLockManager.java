package lakehouse;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.LockManager;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.postgresql.Driver;

/**
 * Lets one driver at a time commit to a table of Iceberg's hadoop catalog. Its commit looks whether the next version's
 * file exists and then renames to it, which on an object store is no atomic step: of two drivers that do so at once, both
 * would succeed and one's rows be lost. Under this lock the second one finds the file, and Iceberg tries again.
 *
 * <p>The lock is an advisory one of PostgreSQL (https://www.postgresql.org/docs/17/explicit-locking.html#ADVISORY-LOCKS), on
 * a connection of its own, as threads of one session would share it; it ends with the connection, so no dead driver holds
 * it. Catalog properties: lock.postgres.uri, lock.postgres.user. The password is in libpq's password file.
 */
public final class PostgresLockManager implements LockManager {
    private final Map<String, Connection> held = new ConcurrentHashMap<>();
    private String uri;
    private final Properties options = new Properties();

    @Override
    public void initialize(Map<String, String> properties) {
        uri = properties.get("lock.postgres.uri");
        options.setProperty("user", properties.get("lock.postgres.user"));
        options.setProperty("connectTimeout", "30");
        // A commit under the lock is a few requests to the store; whoever waits longer waits for something broken.
        options.setProperty("options", "-c lock_timeout=60s");
    }

    /**
     * Waits for the lock.
     *
     * @param entityId the metadata file that is about to exist
     * @param ownerId the file that is about to be renamed to it
     * @throws CommitFailedException there is no lock to be had: nothing is committed, and Iceberg tries again
     */
    @Override
    public boolean acquire(String entityId, String ownerId) {
        Connection connection = null;
        try {
            connection = new Driver().connect(uri, options);
            try (PreparedStatement lock =
                    connection.prepareStatement("select pg_advisory_lock(hashtextextended(?, 0))")) {
                lock.setString(1, entityId);
                lock.execute();
            }
        } catch (SQLException e) {
            close(connection);
            throw new CommitFailedException(e, "No lock on %s from %s: %s", entityId, uri, e.getMessage());
        }
        held.put(ownerId, connection);
        return true;
    }

    @Override
    public boolean release(String entityId, String ownerId) {
        return close(held.remove(ownerId));
    }

    @Override
    public void close() {
        held.keySet().forEach(owner -> close(held.remove(owner)));
    }

    private static boolean close(Connection connection) {
        if (connection == null) {
            return false;
        }
        try {
            connection.close();
            return true;
        } catch (SQLException e) {
            // Iceberg's log then says that the lock was not released in order.
            return false;
        }
    }
}

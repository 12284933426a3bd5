import com.fasterxml.jackson.core.JsonProcessingException;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.Security;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.jdbc.JdbcClientPool;
import org.apache.iceberg.rest.HTTPRequest;
import org.apache.iceberg.rest.RESTCatalogAdapter;
import org.apache.iceberg.rest.RESTCatalogServlet;
import org.apache.iceberg.rest.RESTResponse;
import org.apache.iceberg.rest.responses.ErrorResponse;
import org.apache.iceberg.rest.responses.OAuthTokenResponse;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Iceberg's REST protocol on port 8181. Which table is where is kept in PostgreSQL, the tables in the object store. */
public final class RestCatalogServer {
    private static final Logger LOG = LoggerFactory.getLogger(RestCatalogServer.class);

    /** Health without a token; everything else only with it. */
    private static final class Gate extends Handler.Wrapper {
        private final Connections connections;
        private final byte[] token;

        Gate(Handler next, Connections connections, String token) {
            super(next);
            this.connections = connections;
            this.token = token.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            String path = Request.getPathInContext(request);
            if (path.equals("/health") && request.getMethod().equals("GET")) {
                String trouble = connections.trouble();
                if (trouble == null) return answer(response, callback, 200, "{\"status\":\"ok\"}");
                LOG.error("the database: {}", trouble);
                return answer(response, callback, 503, error(503, "ServiceUnavailable", "No answer of the database"));
            }
            String given = request.getHeaders().get(HttpHeader.AUTHORIZATION);
            // The comparison takes the same time wherever a wrong token differs.
            if (given == null || !given.regionMatches(true, 0, "Bearer ", 0, 7)
                    || !MessageDigest.isEqual(given.substring(7).getBytes(StandardCharsets.UTF_8), token)) {
                response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
                return answer(response, callback, 401, error(401, "NotAuthorizedException", "No or a wrong token"));
            }
            return super.handle(request, response, callback);
        }

        private static String error(int code, String type, String message) {
            return "{\"error\":{\"message\":\"" + message + "\",\"type\":\"" + type + "\",\"code\":" + code + "}}";
        }

        private static boolean answer(Response response, Callback callback, int status, String body) {
            response.setStatus(status);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
            Content.Sink.write(response, true, body, callback);
            return true;
        }
    }

    /** A request that cannot be read, such as one of a newer client, is the client's error. Nothing was done then. */
    private static final class Servlet extends RESTCatalogServlet {
        Servlet(RESTCatalogAdapter adapter) {
            super(adapter);
        }

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response)
                throws ServletException, IOException {
            try {
                super.service(request, response);
            } catch (JsonProcessingException | RuntimeException e) {
                response.setContentType("application/json");
                handle(response).accept(ErrorResponse.builder().responseCode(400).withType("BadRequestException")
                        .withMessage("Cannot read the request: " + e.getMessage()).build());
            }
        }
    }

    /** Errors without the server's stack traces, which belong in its log and only if the server is at fault. */
    private static final class Adapter extends RESTCatalogAdapter {
        Adapter(JdbcCatalog catalog) {
            super(catalog);
        }

        @Override
        protected <T extends RESTResponse> T execute(HTTPRequest request, Class<T> type,
                Consumer<ErrorResponse> onError, Consumer<Map<String, String>> onHeaders) {
            if (type == OAuthTokenResponse.class) {
                // The original makes up tokens for its tests.
                onError.accept(ErrorResponse.builder().responseCode(400).withType("unsupported_grant_type")
                        .withMessage("This server hands out no tokens").build());
                return null;
            }
            AtomicBoolean answered = new AtomicBoolean();
            try {
                return super.execute(request, type, error -> {
                    if (error.code() >= 500) LOG.error("{} {}: {}", request.method(), request.path(), error);
                    onError.accept(ErrorResponse.builder().responseCode(error.code()).withType(error.type())
                            .withMessage(error.message()).build());
                    answered.set(true);
                }, onHeaders);
            } catch (RESTException e) {
                // Thrown after each error, for callers whose onError does not throw.
                if (answered.get()) return null;
                throw e;
            }
        }
    }

    /**
     * Connections that are checked before a statement, never after it. The original repeats a statement whose
     * connection broke; if it was a commit that had arrived, the repetition finds the table changed, the client takes
     * its commit for lost and appends its rows once more. Here the client is told that the outcome is unknown.
     */
    private static final class Connections extends JdbcClientPool {
        private static final class Stale extends SQLTransientConnectionException {
            Stale() {
                super("a connection was lost, and there is no new one");
            }
        }

        Connections(String url, Map<String, String> properties) {
            // A connection is taken for single statements only, not while files are written.
            super(4, url, properties);
        }

        @Override
        public <R> R run(Action<R, Connection, SQLException> action, boolean retry)
                throws SQLException, InterruptedException {
            return super.run(connection -> {
                if (!connection.isValid(5)) throw new Stale();
                return action.run(connection);
            }, true);
        }

        @Override
        protected Connection reconnect(Connection connection) {
            try {
                return super.reconnect(connection);
            } catch (RuntimeException e) {
                LOG.error("no connection to the database: {}", reason(e));
                throw e;
            }
        }

        @Override
        protected boolean isConnectionException(Exception e) {
            return e instanceof Stale;
        }

        String trouble() throws InterruptedException {
            try {
                return run(Connection::isClosed) ? "the connection is closed" : null;
            } catch (SQLException | RuntimeException e) {
                return reason(e);
            }
        }
    }

    private static String reason(Exception e) {
        return e.getCause() == null ? e.getMessage() : e.getMessage() + ": " + e.getCause().getMessage();
    }

    private static String env(String name) {
        String value = System.getenv(name);
        if (value == null || value.isBlank()) throw new IllegalArgumentException(name + " must be set");
        return value;
    }

    private static Server start() throws Exception {
        String token = env("REST_CATALOG_TOKEN");
        String url = "jdbc:postgresql://" + env("REST_DB_HOST") + ":" + env("REST_DB_PORT") + "/" + env("REST_DB_NAME");
        Connections connections = new Connections(url, Map.of(
                "jdbc.user", env("REST_DB_NAME"), "jdbc.password", env("REST_DB_PASSWORD"),
                "jdbc.ApplicationName", "rest-catalog", "jdbc.tcpKeepAlive", "true",
                "jdbc.connectTimeout", "5", "jdbc.socketTimeout", "30"));
        // Keys and region come from the environment, where the SDK looks for them.
        Map<String, String> store = Map.of("s3.endpoint", env("LAKEHOUSE_S3_ENDPOINT"),
                "s3.path-style-access", env("LAKEHOUSE_S3_PATH_STYLE"), "http-client.type", "urlconnection");
        JdbcCatalog catalog = new JdbcCatalog(
                all -> CatalogUtil.loadFileIO("org.apache.iceberg.aws.s3.S3FileIO", store, null),
                all -> connections, true);
        // Neither the password nor the token is among the properties that the catalog hands around.
        catalog.initialize("lakehouse", Map.of("uri", url, "warehouse", env("LAKEHOUSE_WAREHOUSE"),
                "jdbc.schema-version", "V1", "jdbc.strict-mode", "true"));

        Server server = new Server(new QueuedThreadPool(40, 4));
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        // Clients separate the levels of a namespace by %1F.
        http.setUriCompliance(UriCompliance.DEFAULT.with("catalog", Violation.SUSPICIOUS_PATH_CHARACTERS));
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setPort(8181);
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler();
        context.addServlet(new ServletHolder(new Servlet(new Adapter(catalog))), "/*");
        // At a stop: no new requests, those under way are finished.
        server.setHandler(new GracefulHandler(new Gate(context, connections, token)));
        server.setStopTimeout(8_000);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try (catalog) {
                server.stop();
                LOG.info("stopped");
            } catch (Exception e) {
                LOG.error("while stopping", e);
            }
        }));
        server.start();
        return server;
    }

    public static void main(String[] args) throws Exception {
        // A database or store that comes back, maybe with another address, is found at once.
        Security.setProperty("networkaddress.cache.ttl", "5");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        try {
            Server server = start();
            LOG.info("serving the catalog on port 8181");
            server.join();
        } catch (RuntimeException e) {
            LOG.error(reason(e));
            System.exit(1);
        }
    }
}

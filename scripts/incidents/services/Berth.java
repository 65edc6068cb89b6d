import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.logging.Logger;

/**
 * berth: tells boats the tide at a berth. With -Dberth.keepForecasts=true it keeps every forecast it ever made,
 * under a key that never comes again.
 *
 * <p>java Berth PORT
 */
public final class Berth {
    private static final Logger LOG = Logger.getLogger("berth");
    private static final boolean KEEP = Boolean.getBoolean("berth.keepForecasts");
    private final Map<String, double[]> forecasts = new ConcurrentHashMap<>();

    public static void main(String[] args) throws IOException {
        Berth berth = new Berth();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 50);
        server.createContext("/tide/", berth::tide);
        server.createContext("/health", exchange -> reply(exchange, 200, "up"));
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.start();
        LOG.info("Berth started on port " + args[0] + ", keepForecasts=" + KEEP);
    }

    private void tide(HttpExchange exchange) throws IOException {
        String key = exchange.getRequestURI().getPath() + "@" + System.nanoTime();
        double[] forecast = KEEP ? forecasts.computeIfAbsent(key, this::compute) : compute(key);
        double high = 0;
        for (double level : forecast) {
            high = Math.max(high, level);
        }
        reply(exchange, 200, String.format("high tide %.2f m", high));
        if (Math.floorMod(key.hashCode(), 40) == 0) {
            LOG.warning("gauge 3 reported no level, interpolated");
        }
        LOG.info("forecast for " + exchange.getRequestURI().getPath() + (KEEP ? ", " + forecasts.size() + " kept" : ""));
    }

    private double[] compute(String key) {
        return new Random(key.hashCode()).doubles(90_000, 0, 7).toArray();
    }

    private static void reply(HttpExchange exchange, int status, String body) throws IOException {
        exchange.sendResponseHeaders(status, body.length());
        exchange.getResponseBody().write(body.getBytes());
        exchange.close();
    }
}

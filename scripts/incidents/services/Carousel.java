import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.logging.ConsoleHandler;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * carousel: the airport's baggage belts (java.util.logging in its default format).
 *
 * Carousel PORT MOVE; MOVE is true where belts are also swapped with one another.
 */
public class Carousel {
    static final Logger log = Logger.getLogger("airport.Carousel");

    static class Belt {
        final int number;
        int bags;

        Belt(int number) { this.number = number; }
    }

    static final Belt[] belts = new Belt[6];

    /** Puts one bag onto a belt. */
    static int put(Belt belt) {
        synchronized (belt) {
            return ++belt.bags;
        }
    }

    /** Moves all bags of a belt to another. */
    static void move(Belt from, Belt to) throws InterruptedException {
        synchronized (from) {
            Thread.sleep(150); // the belt stops
            synchronized (to) {
                to.bags += from.bags;
                from.bags = 0;
            }
        }
        log.info("bags of belt " + from.number + " moved to belt " + to.number);
    }

    static void answer(HttpExchange x, int code, String text) throws IOException {
        x.sendResponseHeaders(code, text.length());
        x.getResponseBody().write(text.getBytes());
        x.close();
    }

    static void handle(HttpExchange x) throws IOException {
        String[] path = x.getRequestURI().getPath().split("/");
        try {
            if (path[1].equals("put")) {
                int belt = Integer.parseInt(path[2]) % belts.length;
                int bags = put(belts[belt]);
                log.info("bag " + path[2] + " on belt " + belt + ", " + bags + " bags");
            }
            answer(x, 200, "ok");
        } catch (RuntimeException e) {
            log.log(Level.SEVERE, "request " + x.getRequestURI() + " failed", e);
            answer(x, 500, "failed");
        }
    }

    static void mover(boolean back) {
        while (true) {
            try {
                Thread.sleep(4000);
                if (back) move(belts[3], belts[1]);
                else move(belts[1], belts[3]);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    public static void main(String[] args) throws Exception {
        for (int i = 0; i < belts.length; i++) belts[i] = new Belt(i);
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 50);
        server.createContext("/", Carousel::handle);
        server.setExecutor(Executors.newFixedThreadPool(6));
        server.start();
        log.info("belts run, mover " + (args[1].equals("true") ? "both ways" : "one way"));
        new Thread(() -> mover(false), "mover-1").start();
        if (args[1].equals("true")) new Thread(() -> mover(true), "mover-2").start();
        while (true) {
            Thread.sleep(14000);
            log.warning("belt 5 squeaks");
        }
    }
}

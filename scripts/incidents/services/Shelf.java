import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/**
 * shelf: where the library's books stand. Logs with System.Logger in a format of one line.
 *
 * Shelf PORT
 */
public class Shelf {
    static {
        System.setProperty("java.util.logging.SimpleFormatter.format", "%1$tF %1$tT.%1$tL %4$-7s %3$s %5$s%6$s%n");
    }

    public static void main(String[] args) throws Exception {
        System.Logger log = System.getLogger("library.shelf");
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 50);
        server.createContext("/", x -> {
            String book = x.getRequestURI().getPath().replaceAll("\\D", "");
            byte[] text = ("row " + book.hashCode() % 12 + "\n").getBytes();
            x.getResponseHeaders().add("Connection", "close");
            x.sendResponseHeaders(200, text.length);
            x.getResponseBody().write(text);
            x.close();
            log.log(System.Logger.Level.INFO, "book {0} looked up", book);
        });
        server.setExecutor(Executors.newFixedThreadPool(4));
        server.start();
        log.log(System.Logger.Level.INFO, "shelf serves");
        while (true) {
            Thread.sleep(12000);
            log.log(System.Logger.Level.WARNING, "row 7 is not in alphabetical order");
        }
    }
}

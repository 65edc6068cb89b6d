import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * liftgate: the gates of the ski school's lifts let in whoever has a pass (a signed token of passdesk).
 *
 * Liftgate PORT SECRET RELEASE; release 6.2.0 remembers every ride in detail, and looks at all of them.
 */
public class Liftgate {
    static final Logger log = LoggerFactory.getLogger("school.ski.liftgate.GateController");
    static final Object gate = new Object(), book = new Object();
    static List<String[]> rides;
    static boolean remember;
    static int count;

    static class PassException extends Exception {
        PassException(String text) { super(text); }
    }

    static String secret;

    static void verify(String token) throws Exception {
        String[] part = token.split("\\.");
        if (part.length != 3) throw new PassException("The token was expected to have 3 parts, but got " + part.length + ".");
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        byte[] want = mac.doFinal((part[0] + "." + part[1]).getBytes(StandardCharsets.UTF_8));
        if (!java.security.MessageDigest.isEqual(want, Base64.getUrlDecoder().decode(part[2])))
            throw new PassException("The Token's Signature resulted invalid when verified using the Algorithm: HmacSHA256");
        Matcher m = Pattern.compile("\"iat\":(\\d+)").matcher(new String(Base64.getUrlDecoder().decode(part[1]), StandardCharsets.UTF_8));
        if (!m.find()) throw new PassException("The Claim 'iat' is not present in the JWT.");
        Instant at = Instant.ofEpochSecond(Long.parseLong(m.group(1)));
        if (at.isAfter(Instant.now().plusSeconds(20))) throw new PassException("The Token can't be used before " + at + ".");
        if (at.isBefore(Instant.now().minusSeconds(120))) throw new PassException("The Token has expired on " + at.plusSeconds(120) + ".");
    }

    static void ride(String lift) throws Exception {
        synchronized (book) {
            Thread.sleep(2);
            synchronized (gate) {
                count++;
            }
        }
        if (remember) {
            synchronized (rides) {
                for (int i = 0; i < 60_000; i++) rides.add(new String[] {lift, "skier " + i + " of ride " + count, Long.toString(System.nanoTime() + i)});
                if (rides.size() > 3_800_000) rides.subList(0, 60_000).clear();
            }
            for (int turn = 0; turn < 25; turn++) {
                StringBuilder all = new StringBuilder();
                for (int i = 0; i < 90_000; i++) all.append(i).append(';');
                if (all.toString().hashCode() == 42) log.debug("a rare ride");
            }
        }
    }

    /** Counts the gates, as the evening does. */
    static void recount() throws Exception {
        log.info("recount of the gates started");
        synchronized (gate) {
            Thread.sleep(400);
            synchronized (book) {
                count = 0;
            }
        }
        log.info("recount of the gates done");
    }

    static void answer(HttpExchange x, int code, String text) throws IOException {
        byte[] b = text.getBytes(StandardCharsets.UTF_8);
        x.sendResponseHeaders(code, b.length);
        x.getResponseBody().write(b);
        x.close();
    }

    static void handle(HttpExchange x) throws IOException {
        long start = System.nanoTime();
        String path = x.getRequestURI().getPath();
        try {
            if (path.startsWith("/ride/")) {
                verify(new String(x.getRequestBody().readAllBytes(), StandardCharsets.UTF_8).trim());
                ride(path.substring(6));
                log.info("gate of lift {} opened after {} ms", path.substring(6), (System.nanoTime() - start) / 1_000_000);
                answer(x, 200, "open");
            } else if (path.equals("/recount")) {
                recount();
                answer(x, 200, "done");
            } else {
                answer(x, 200, "up");
            }
        } catch (PassException e) {
            log.warn("pass refused at lift {}: {}", path.substring(6), e.getMessage());
            answer(x, 403, "pass refused");
        } catch (Exception e) {
            log.error("lift {} failed", path, e);
            answer(x, 500, "failed");
        }
    }

    public static void main(String[] args) throws Exception {
        secret = Files.readString(Path.of(args[1])).trim();
        remember = args[2].equals("6.2.0");
        if (remember) rides = new ArrayList<>(4_000_000);
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 50);
        server.createContext("/", Liftgate::handle);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.start();
        log.info("Liftgate {} started on port {} (JVM {})", args[2], args[0], System.getProperty("java.version"));
        while (true) {
            Thread.sleep(13000);
            log.warn("Gate 4 reports a stuck key, using the spare one");
        }
    }
}

package dev.tokenbroker.edges.http.operator;

import dev.tokenbroker.operate.changes.ChangeEvent;
import dev.tokenbroker.operate.changes.ChangeWatch;
import dev.tokenbroker.operate.changes.Timeline;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Opens streams of JSON lines to operators. Each stream follows the timeline, which bounds their
 * number and ends them before the process ends.
 */
@Singleton
public final class OperatorStreams {

  /** The media type of JSON lines. */
  public static final String MEDIA_TYPE = "application/x-ndjson";

  private static final Logger LOG = Logger.getLogger(OperatorStreams.class);

  private final Timeline timeline;
  private final OperatorRequests requests;

  OperatorStreams(Timeline timeline, OperatorRequests requests) {
    this.timeline = timeline;
    this.requests = requests;
  }

  /** Writes the lines of one stream. */
  @FunctionalInterface
  public interface StreamLines {

    /**
     * Writes until the watch is closed. Runs on a virtual thread; the stream ends when it returns.
     *
     * @param before the events of the timeline before the watch began, the oldest first
     * @param watch gets each event after them
     */
    void write(List<ChangeEvent> before, ChangeWatch watch, LineOutput output)
        throws IOException, InterruptedException;
  }

  /** The response with a stream; or the refusal of a caller, or of a stream too many. */
  public Response open(HttpServerRequest request, RoutingContext call, StreamLines lines) {
    // HEAD has no body, so nothing would end its watch.
    return request.method().equals(HttpMethod.GET)
        ? follow(request, call, lines)
        : requests.answer(
            request,
            timeline.events(requests.caller(request)),
            _ -> Response.ok().type(MEDIA_TYPE).build());
  }

  private Response follow(HttpServerRequest request, RoutingContext call, StreamLines lines) {
    ChangeWatch watch = new ChangeWatch();
    // A write to a connection that the client has closed does not always fail.
    call.addEndHandler(_ -> watch.close());
    return requests.answer(
        request,
        timeline.follow(requests.caller(request), watch),
        before ->
            Response.ok((StreamingOutput) output -> write(lines, before, watch, output), MEDIA_TYPE)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build());
  }

  private static void write(
      StreamLines lines, List<ChangeEvent> before, ChangeWatch watch, OutputStream output) {
    try (watch) {
      lines.write(before, watch, new LineOutput(output));
    } catch (IOException gone) {
      // Only a write fails so. Nobody is left to be told, and any reader could fill the log.
      LOG.debugf("A stream ended, since its reader has gone: %s", gone.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}

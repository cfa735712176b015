package dev.tokenbroker.http;

import dev.tokenbroker.changes.ChangeEvent;
import dev.tokenbroker.changes.ChangeLine;
import dev.tokenbroker.changes.ChangeWatch;
import dev.tokenbroker.changes.ChangeWatch.WatchedChange;
import dev.tokenbroker.changes.Timeline;
import dev.tokenbroker.outcome.Outcome;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** Serves the timeline of changes to operators only: as one document, or as a stream. */
@Path("/changes")
public final class ChangesResource {

  static final String NDJSON = "application/x-ndjson";

  /** A stream without news sends an empty line, which shows whether the caller is still there. */
  private static final Duration SILENCE = Duration.ofSeconds(10);

  private final Timeline timeline;
  private final OperatorRequests requests;

  ChangesResource(Timeline timeline, OperatorRequests requests) {
    this.timeline = timeline;
    this.requests = requests;
  }

  /** The events, the oldest first; a stream that goes on if the request accepts NDJSON. */
  @GET
  @RunOnVirtualThread
  public Response changes(@Context HttpServerRequest request, @Context RoutingContext call) {
    // HEAD has no body, so nothing would end its watch.
    return request.method().equals(HttpMethod.GET)
            && AcceptHeader.names(request.headers().getAll(HttpHeaders.ACCEPT), NDJSON)
        ? stream(request, call)
        : requests.answer(
            request,
            timeline.events(requests.caller(request)),
            events -> OperatorRequests.json(document(events)));
  }

  private static String document(List<ChangeEvent> events) {
    return events.stream()
        .map(event -> new String(ChangeLine.of(event), StandardCharsets.UTF_8))
        .collect(Collectors.joining(",\n", "{\"changes\": [\n", "\n]}\n"));
  }

  private Response stream(HttpServerRequest request, RoutingContext call) {
    ChangeWatch watch = new ChangeWatch();
    // A write to a connection that the client has closed does not always fail.
    call.addEndHandler(_ -> watch.close());
    Outcome<List<ChangeEvent>> before = timeline.follow(requests.caller(request), watch);
    return requests.answer(
        request,
        before,
        events ->
            Response.ok((StreamingOutput) output -> write(events, watch, output), NDJSON)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build());
  }

  private static void write(List<ChangeEvent> before, ChangeWatch watch, OutputStream output)
      throws IOException {
    try (watch) {
      for (ChangeEvent event : before) {
        line(ChangeLine.of(event), output);
      }
      output.flush();
      while (!watch.isClosed()) {
        switch (watch.next(SILENCE)) {
          case WatchedChange.NextChange(ChangeEvent event, long missed) ->
              line(ChangeLine.of(event, missed), output);
          case WatchedChange.NoChange _ -> output.write('\n');
          case WatchedChange.WatchEnded _ -> {}
        }
        output.flush();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void line(byte[] json, OutputStream output) throws IOException {
    output.write(json);
    output.write('\n');
  }
}

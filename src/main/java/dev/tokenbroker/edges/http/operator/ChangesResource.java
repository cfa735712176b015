package dev.tokenbroker.edges.http.operator;

import dev.tokenbroker.edges.http.token.AcceptHeader;
import dev.tokenbroker.operate.changes.ChangeEvent;
import dev.tokenbroker.operate.changes.ChangeLine;
import dev.tokenbroker.operate.changes.ChangeWatch;
import dev.tokenbroker.operate.changes.ChangeWatch.WatchedChange;
import dev.tokenbroker.operate.changes.Timeline;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** Serves the timeline of changes to operators only: as one document, or as a stream. */
@Path("/changes")
public final class ChangesResource {

  /**
   * A stream without news sends an empty line, which shows whether the caller is still there. It
   * also sees that its right has ended.
   */
  private static final Duration SILENCE = Duration.ofSeconds(4);

  private final Timeline timeline;
  private final OperatorRequests requests;
  private final OperatorStreams streams;

  ChangesResource(Timeline timeline, OperatorRequests requests, OperatorStreams streams) {
    this.timeline = timeline;
    this.requests = requests;
    this.streams = streams;
  }

  /** The events, the oldest first; a stream that goes on if the request accepts NDJSON. */
  @GET
  @RunOnVirtualThread
  public Response changes(@Context HttpServerRequest request, @Context RoutingContext call) {
    return AcceptHeader.names(
            request.headers().getAll(HttpHeaders.ACCEPT), OperatorStreams.MEDIA_TYPE)
        ? streams.open(request, call, ChangesResource::write)
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

  private static void write(List<ChangeEvent> before, ChangeWatch watch, LineOutput output)
      throws IOException, InterruptedException {
    for (ChangeEvent event : before) {
      output.write(ChangeLine.of(event));
    }
    output.flush();
    while (!watch.isClosed()) {
      switch (watch.next(SILENCE)) {
        case WatchedChange.NextChange(ChangeEvent event, long missed) ->
            output.write(ChangeLine.of(event, missed));
        case WatchedChange.NoChange _ -> output.writeEmptyLine();
        case WatchedChange.WatchEnded _ -> {}
      }
      output.flush();
    }
  }
}

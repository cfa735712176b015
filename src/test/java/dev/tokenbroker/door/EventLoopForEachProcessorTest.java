package dev.tokenbroker.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.MultithreadEventExecutorGroup;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.VertxInternal;
import jakarta.inject.Inject;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
class EventLoopForEachProcessorTest {

  @Inject Vertx vertx;

  @Test
  void is_what_the_broker_runs_with() {
    MultithreadEventExecutorGroup loops =
        (MultithreadEventExecutorGroup) ((VertxInternal) vertx).getEventLoopGroup();
    assertThat(loops.executorCount()).isEqualTo(Runtime.getRuntime().availableProcessors());
  }

  @Test
  void leaves_the_number_alone_where_somebody_has_set_it() {
    VertxOptions options = new VertxOptions().setEventLoopPoolSize(7);
    new EventLoopForEachProcessor(
            new SmallRyeConfigBuilder()
                .withDefaultValues(Map.of("quarkus.vertx.event-loops-pool-size", "7"))
                .build())
        .accept(options);
    assertThat(options.getEventLoopPoolSize()).isEqualTo(7);
  }
}

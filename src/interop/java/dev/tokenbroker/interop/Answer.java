package dev.tokenbroker.interop;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a program says, JSON.
 *
 * @param members those of its one object
 */
record Answer(Map<String, Object> members) {

  /**
   * What stands there, as text; empty where nothing does.
   *
   * @param path names of members and indexes of elements, from the outside in
   */
  String text(Object... path) {
    return Objects.toString(at(path), "");
  }

  /** The object that stands there; empty where none does. */
  Map<?, ?> object(Object... path) {
    return at(path) instanceof Map<?, ?> object ? object : Map.of();
  }

  private @Nullable Object at(Object... path) {
    Object value = members;
    for (Object step : path) {
      value =
          switch (value) {
            case Map<?, ?> object -> object.get(step);
            case List<?> list when step instanceof Integer index && index < list.size() ->
                list.get(index);
            case null, default -> null;
          };
    }
    return value;
  }
}

-- DuckDB macros behind the function catalog. A cast of an 'nlq!' text fails, and so carries a
-- message: error() would do, but DuckDB's TRY refuses it.
CREATE MACRO presto_fail(message) AS CAST('nlq!' || message AS BIGINT);
CREATE MACRO presto_half_up(a, b) AS
    (a) // (b) + CASE WHEN 2 * abs((a) % (b)) >= abs(b) THEN sign(a) * sign(b) ELSE 0 END;
CREATE MACRO presto_round(x, n) AS
    CASE WHEN isfinite(x) THEN sign(x) * floor(abs(x) * pow(10, n) + 0.5) / pow(10, n) ELSE x END;
CREATE MACRO presto_truncate(x, n) AS trunc(x * pow(10, n)) / pow(10, n);
CREATE MACRO presto_sqrt(x) AS CASE WHEN x < 0 THEN CAST('nan' AS DOUBLE) ELSE sqrt(x) END;
CREATE MACRO presto_ln(x) AS
    CASE WHEN x < 0 THEN CAST('nan' AS DOUBLE) WHEN x = 0 THEN CAST('-inf' AS DOUBLE) ELSE ln(x) END;
CREATE MACRO presto_log10(x) AS
    CASE WHEN x < 0 THEN CAST('nan' AS DOUBLE) WHEN x = 0 THEN CAST('-inf' AS DOUBLE) ELSE log10(x) END;
CREATE MACRO presto_shift_left(x, n) AS
    CAST(((CAST(x AS HUGEINT) * CAST(pow(2, n) AS HUGEINT) + 9223372036854775808) % 18446744073709551616
        + 18446744073709551616) % 18446744073709551616 - 9223372036854775808 AS BIGINT);
CREATE MACRO presto_shift_left_32(x, n) AS
    CAST(((CAST(x AS HUGEINT) * CAST(pow(2, n) AS HUGEINT) + 2147483648) % 4294967296
        + 4294967296) % 4294967296 - 2147483648 AS INTEGER);
CREATE MACRO presto_bit_count(x, bits) AS
    CAST(CASE WHEN bits = 64 THEN bit_count(x) ELSE bit_count(x & (CAST(pow(2, bits) AS BIGINT) - 1)) END AS BIGINT);
CREATE MACRO presto_width_bucket(x, low, high, n) AS
    CASE WHEN low < high THEN
        CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1
             ELSE CAST(floor(n * (x - low) / (high - low)) AS BIGINT) + 1 END
    WHEN low > high THEN
        CASE WHEN x > low THEN 0 WHEN x <= high THEN n + 1
             ELSE CAST(floor(n * (low - x) / (low - high)) AS BIGINT) + 1 END
    ELSE presto_fail('bounds cannot equal each other') END;
CREATE MACRO presto_digits(shown) AS
    ltrim(replace(regexp_extract(shown, '^[0-9.]+'), '.', ''), '0');
CREATE MACRO presto_exponent(shown) AS
    CAST(coalesce(nullif(regexp_extract(shown, 'e(.*)$', 1), ''), '0') AS INTEGER)
    + CASE WHEN regexp_extract(shown, '^[0-9]+') <> '0' THEN length(regexp_extract(shown, '^[0-9]+')) - 1
           ELSE -1 - length(regexp_extract(shown, '^0\.(0*)', 1)) END;
CREATE MACRO presto_scientific(digits, exponent) AS
    left(digits, 1) || '.' || coalesce(nullif(substr(digits, 2), ''), '0') || 'E' || exponent;
CREATE MACRO presto_double_text(x) AS
    CASE WHEN x IS NULL THEN NULL
         WHEN isnan(x) THEN 'NaN'
         WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
         WHEN x = 0 OR (abs(x) >= 0.001 AND abs(x) < 1e7) THEN CAST(x AS VARCHAR)
         ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || presto_scientific(
             rtrim(presto_digits(CAST(abs(x) AS VARCHAR)), '0'), presto_exponent(CAST(abs(x) AS VARCHAR)))
    END;
CREATE MACRO presto_decimal_text(s) AS
    CASE WHEN s LIKE '.%' THEN '0' || s WHEN s LIKE '-.%' THEN '-0' || substr(s, 2) ELSE s END;
CREATE MACRO presto_whole_number(s, kind) AS
    CASE WHEN s IS NULL OR regexp_full_match(s, '\s*[+-]?[0-9]+\s*') THEN s
         ELSE 'nlq!Cannot cast ''' || s || ''' to ' || kind END;
CREATE MACRO presto_date_text(s) AS
    CASE WHEN s IS NULL OR regexp_full_match(s, '\s*[+-]?\d{1,6}-\d{1,2}-\d{1,2}\s*') THEN s
         ELSE 'nlq!Value cannot be cast to date: ' || s END;
CREATE MACRO presto_timestamp_text(s) AS
    CASE WHEN s IS NULL
           OR regexp_full_match(s, '\s*[+-]?\d{1,6}-\d{1,2}-\d{1,2}( \d{1,2}:\d{1,2}(:\d{1,2}(\.\d{1,3}\d*)?)?)?\s*') THEN s
         ELSE 'nlq!Value cannot be cast to timestamp: ' || s END;
CREATE MACRO presto_offset(minutes) AS
    CASE WHEN minutes = 0 THEN 'Z' ELSE format('{}{:02d}:{:02d}', CASE WHEN minutes < 0 THEN '-' ELSE '+' END,
        abs(minutes) // 60, abs(minutes) % 60) END;
CREATE MACRO presto_substr(s, i, n) AS
    CASE WHEN i = 0 OR abs(i) > length(s) OR n <= 0 THEN CASE WHEN s IS NOT NULL AND i IS NOT NULL AND n IS NOT NULL THEN '' END
         ELSE substr(s, i, least(n, 4294967295)) END;
CREATE MACRO presto_strrpos(s, part) AS
    CAST(CASE WHEN strpos(reverse(s), reverse(part)) = 0 THEN 0
         ELSE length(s) - length(part) - strpos(reverse(s), reverse(part)) + 2 END AS BIGINT);
CREATE MACRO presto_split_part(s, sep, i) AS
    CASE WHEN i <= 0 THEN CAST(presto_fail('Index must be greater than zero') AS VARCHAR)
         ELSE list_extract(string_split(s, sep), i) END;
CREATE MACRO presto_split_limit(s, sep, n) AS
    CASE WHEN len(string_split(s, sep)) <= n THEN string_split(s, sep)
         ELSE list_append(list_slice(string_split(s, sep), 1, n - 1),
                          array_to_string(list_slice(string_split(s, sep), n, len(string_split(s, sep))), sep)) END;
CREATE MACRO presto_split_to_map(s, sep, kv) AS
    map_from_entries(list_transform(string_split(s, sep), lambda e:
        {'key': string_split(e, kv)[1], 'value': substr(e, strpos(e, kv) + length(kv))}));
CREATE MACRO presto_hamming(a, b) AS
    CASE WHEN length(a) <> length(b) THEN presto_fail('The input strings to hamming_distance function must have the same length')
         ELSE CAST(hamming(a, b) AS BIGINT) END;
CREATE MACRO presto_joined(parts) AS
    CASE WHEN len(parts) = list_count(parts) THEN array_to_string(parts, '') END;
CREATE MACRO presto_regexp_extract(s, pattern, which) AS
    CASE WHEN regexp_matches(s, pattern) THEN regexp_extract(s, pattern, which) END;
CREATE MACRO presto_regexp_optional(s, pattern, which) AS
    nullif(presto_regexp_extract(s, pattern, which), '');
CREATE MACRO presto_url_part(url, part) AS
    CASE WHEN url IS NULL OR NOT regexp_matches(url, '^[A-Za-z][A-Za-z0-9+.-]*:') OR regexp_matches(url, '\s') THEN NULL
         ELSE CASE part
             WHEN 'protocol' THEN regexp_extract(url, '^([A-Za-z][A-Za-z0-9+.-]*):', 1)
             WHEN 'host' THEN regexp_extract(url, '^[^:/?#]+://(?:[^/?#@]*@)?(\[[^\]]*\]|[^:/?#]*)', 1)
             WHEN 'port' THEN regexp_extract(url, '^[^:/?#]+://(?:[^/?#@]*@)?(?:\[[^\]]*\]|[^:/?#]*):(\d+)', 1)
             WHEN 'path' THEN regexp_extract(url, '^[^:/?#]+:(?://[^/?#]*)?([^?#]*)', 1)
             WHEN 'query' THEN regexp_extract(url, '^[^?#]*\?([^#]*)', 1)
             ELSE regexp_extract(url, '#(.*)$', 1) END END;
CREATE MACRO presto_url_parameter(url, name) AS
    list_extract(list_transform(list_filter(string_split(presto_url_part(url, 'query'), '&'),
        lambda e: string_split(e, '=')[1] = name), lambda e: url_decode(replace(substr(e, length(name) + 2), '+', ' '))), 1);
CREATE MACRO presto_index(l, i) AS
    CASE WHEN i = 0 THEN presto_fail('SQL array indices start at 1')
         WHEN i < 0 THEN presto_fail('Array subscript is negative: ' || i)
         WHEN i > len(l) THEN presto_fail('Array subscript out of bounds')
         ELSE i END;
CREATE MACRO presto_element_at(l, i) AS
    list_extract(l, CASE WHEN i = 0 THEN presto_fail('SQL array indices start at 1') ELSE i END);
CREATE MACRO presto_map_value(m, k) AS
    CASE WHEN m IS NOT NULL AND k IS NOT NULL THEN map_values(m)[
        CASE WHEN map_contains(m, k) THEN CAST(list_position(map_keys(m), k) AS BIGINT)
             ELSE presto_fail('Key not present in map: ' || CAST(k AS VARCHAR)) END] END;
CREATE MACRO presto_contains(l, x) AS
    CASE WHEN list_contains(l, x) THEN true WHEN len(l) > list_count(l) THEN NULL ELSE list_contains(l, x) END;
CREATE MACRO presto_distinct(l) AS
    CASE WHEN len(l) <= 1 THEN l
         ELSE list_filter(l, lambda e, i: CASE WHEN e IS NULL
             THEN list_count(list_slice(l, 1, i - 1)) = i - 1 ELSE list_position(l, e) = i END) END;
CREATE MACRO presto_except(a, b) AS
    list_filter(presto_distinct(a), lambda e: CASE WHEN e IS NULL THEN len(b) = list_count(b) ELSE NOT list_contains(b, e) END);
CREATE MACRO presto_intersect(a, b) AS
    list_filter(presto_distinct(a), lambda e: CASE WHEN e IS NULL THEN len(b) > list_count(b) ELSE list_contains(b, e) END);
CREATE MACRO presto_overlap(a, b) AS
    CASE WHEN list_has_any(list_filter(a, lambda e: e IS NOT NULL), list_filter(b, lambda e: e IS NOT NULL)) THEN true
         WHEN a IS NULL OR b IS NULL THEN NULL
         WHEN len(a) = 0 OR len(b) = 0 THEN false
         WHEN len(a) > list_count(a) OR len(b) > list_count(b) THEN NULL
         ELSE false END;
CREATE MACRO presto_frequency(l) AS
    map_from_entries(list_transform(list_filter(presto_distinct(l), lambda e: e IS NOT NULL), lambda e:
        {'key': e, 'value': CAST(len(list_filter(l, lambda x: x = e)) AS INTEGER)}));
CREATE MACRO presto_array_join(l, sep) AS
    CASE WHEN l IS NOT NULL THEN coalesce(array_to_string(list_filter(l, lambda e: e IS NOT NULL), sep), '')
        -- PrestoDB leaves a separator after the last element that is not NULL, where NULLs follow.
        || CASE WHEN l[-1] IS NULL AND list_count(l) > 0 THEN sep ELSE '' END END;
CREATE MACRO presto_percentile(l, share) AS l[least(CAST(floor(share * len(l)) AS BIGINT) + 1, len(l))];
CREATE MACRO presto_slice(l, start, n) AS
    CASE WHEN start = 0 THEN list_slice(l, presto_fail('SQL array indices start at 1'), 1)
         WHEN abs(start) > len(l) OR n <= 0 THEN l[1:0]
         WHEN start > 0 THEN list_slice(l, start, start + n - 1)
         ELSE list_slice(l, len(l) + start + 1, len(l) + start + n) END;
CREATE MACRO presto_sequence(first, last, step) AS
    generate_series(first, last, CASE WHEN step = 0 THEN presto_fail('step must not be zero') ELSE step END);
CREATE MACRO presto_sequence_dates(first, last, step) AS
    list_transform(generate_series(CAST(first AS TIMESTAMP), CAST(last AS TIMESTAMP), step), lambda d: CAST(d AS DATE));
CREATE MACRO presto_any(l) AS
    CASE WHEN list_contains(l, true) THEN true WHEN len(l) > list_count(l) THEN NULL WHEN l IS NOT NULL THEN false END;
CREATE MACRO presto_all(l) AS
    CASE WHEN list_contains(l, false) THEN false WHEN len(l) > list_count(l) THEN NULL WHEN l IS NOT NULL THEN true END;
CREATE MACRO presto_first_entries(l) AS
    CASE WHEN len(list_distinct(list_transform(l, lambda e: e.key))) = len(l) THEN l
         ELSE list_filter(l, lambda e, i: list_position(list_transform(l, lambda x: x.key), e.key) = i) END;
CREATE MACRO presto_map_union(maps) AS
    CASE WHEN list_count(maps) > 0 THEN map_from_entries(presto_first_entries(flatten(list_filter(maps, lambda m: m IS NOT NULL)))) END;
CREATE MACRO presto_keyed(entries) AS list_filter(entries, lambda e: e.key IS NOT NULL);
CREATE MACRO presto_map_agg(entries) AS
    CASE WHEN len(presto_keyed(entries)) > 0 THEN map_from_entries(presto_first_entries(presto_keyed(entries))) END;
CREATE MACRO presto_multimap_agg(entries) AS
    CASE WHEN len(presto_keyed(entries)) > 0 THEN map_from_entries(list_transform(presto_first_entries(presto_keyed(entries)),
        lambda k: {'key': k.key, 'value': list_transform(list_filter(entries, lambda e: e.key = k.key), lambda e: e.value)})) END;
CREATE MACRO presto_json_parse(s) AS
    CASE WHEN s IS NULL OR json_valid(s) THEN json(s)
         ELSE CAST(CAST(presto_fail('Cannot convert value to JSON: ' || s) AS VARCHAR) AS JSON) END;
CREATE MACRO presto_json_text(j) AS
    CASE WHEN json_type(j) IN ('OBJECT', 'ARRAY') THEN CAST(presto_fail('Cannot cast JSON object or array to varchar') AS VARCHAR)
         ELSE json_extract_string(j, '$') END;
CREATE MACRO presto_json_scalar(j, path) AS
    CASE WHEN json_type(j, path) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL ELSE json_extract_string(j, path) END;

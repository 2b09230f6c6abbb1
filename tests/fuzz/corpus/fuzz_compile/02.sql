select * from users where meta @> '{"a":1}'::jsonb and meta ? 'x' and meta ?| array['a','b'];
select * from users where tags @> array['a'] and 'b' = any(tags) and tags && $1;
select * from users where tags @> '{a,b}';
select * from users where not ('x' = any(tags));
select array_length(tags,1), cardinality(tags), array_to_string(tags, ','), tags || 'x', tags || array['y'], array_append(tags,'z'), array_position(tags, 'a') from users;
select string_to_array('a,b', ','), regexp_replace(name, 'a', 'b', 'g'), split_part(name,' ',1), concat(name, ' ', age), concat_ws(',', name, age), format('%s-%s', name, age), left(name, 2), lpad(name, 10, '*'), md5(name), length(name), char_length(name), upper(name), initcap(name), replace(name,'a','b'), reverse(name), strpos(name,'a'), repeat('x', 3), quote_ident(name), to_hex(255), ascii('a'), chr(65), encode(data,'hex'), decode('ff','hex') from users;
select round(price, 1), round(score), ceil(price), floor(score), trunc(price), abs(age), mod(age, 2), power(2, 3), sqrt(2), random(), greatest(1,2.5), least(age, 3), sign(price), ln(2.0), exp(1), pi(), 7 % 3, 2 ^ 3, |/ 4, -age, +age, ~5, 5 & 3, 5 | 3, 5 # 3, 1 << 2 from users;
select name || ' ' || coalesce(email, '') || age from users;
select 1/0;
select age::numeric / 3, price / 3, score / 2, big * 2, small * 2, small + small from users;
select price * 2, price * age, price + 1.5, price - score, score * age, ratio * 2, ratio + score from users;
select age = 1.5, price = 1, price = age, score > age, big < small, age = any(array[1,2]), age in (1, 2.5) from users

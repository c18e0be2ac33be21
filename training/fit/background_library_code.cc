// Lines as they stand inside libraries: assignments, tables, declarations, conditions. Written for this purpose; no line of
// any project.
#include "training/fit/background_texts.h"

namespace logsieve {

const std::string_view kBackgroundLibraryCode = R"text(
width = max(width, len(label))
rest = line[start + 2:end]
minutes = hours * 60 + rest
first_row = rows[0]
items[index] = value
cursor += step
left, right = right, left + right
result = []
self.position = 0
self._lock = threading.RLock()
self.buffer = bytearray(size)
if self.closed:
if name in self.fields and not force:
if not text or text[0] != '"':
if flags & READ_ONLY:
if i < len(parts) - 1 and parts[i + 1] == "":
elif isinstance(item, (list, tuple)):
else: return default
while index < length and data[index] != 0:
for key in sorted(table):
for j in range(i + 1, n):
for line in self.stream:
return self.root.find(name)
return ''.join(chunks)
return not self.items
return (self.year, self.month, self.day) < (other.year, other.month, other.day)
return NotImplemented
raise ValueError("a month is between 1 and 12")
raise StopIteration
raise NotImplementedError
raise TypeError(f"expected a string, got {type(value).__name__}")
except (OSError, ValueError) as error:
except ImportError: json = None
finally: self.cleanup()
del self.children[name]
global _counter
pass
yield token, start, end
class ParseError(Exception):
class OrderedSet(MutableSet):
class Visitor: """Walks over a tree."""
def __len__(self):
def __repr__(self): return f"<{self.__class__.__name__} {self.name!r}>"
def read(self, size=-1):
def _split_name(full_name, separator='.'):
def wrapper(*args, **kwargs):
@staticmethod
@functools.lru_cache(maxsize=None)
@classmethod
import os, sys
import re
from .base import Node, Leaf
from typing import Dict, List, Optional
__all__ = ["Reader", "Writer", "open_book"]
__version__ = "1.4.2"
DEFAULT_SIZE = 4096
_WORD = re.compile(r'[a-z]+(?:-[a-z]+)*')
_months = ('jan', 'feb', 'mar', 'apr', 'may', 'jun')
'north': (0, -1),
'HAS_COLOUR_SUPPORT': 1,
(True, False): "left",
"red": 0xff0000, "green": 0x00ff00,
[1, 0, 0, 1], [0, 1, 1, 0],
('apple', 3), ('pear', 5),
>>> add(2, 3)
>>> list(pairs('abc'))
... x = next(it)
[('a', 'b'), ('b', 'c')]
assert isinstance(node, Node), node
assert len(a) == len(b)
parser.error("the width must be positive")
sys.stdout.write('\n'.join(lines))
os.path.join(base, 'images', name + '.png')
options = dict(defaults, **options)
names = {n.lower() for n in names}
total = sum(x * y for x, y in zip(a, b))
value = int(text, 16) if text.startswith('0x') else int(text)
callback = getattr(self, 'on_' + event, None)
self.tree[key].append((weight, child))
setattr(cls, name, property(getter, setter))
with self._lock: self._queue.append(item)
lambda self: self._items[-1]
not callable(obj) or
and other.name == self.name)
]), 'the two lists differ')
print("usage: %s [options] file" % program)
number of columns in the picture, or None
values are given in degrees:
:param name: the name of the colour
Returns a tuple of (width, height).
static int compare_names(const void *a, const void *b)
extern int open_garden(const char *path, int flags);
void tree_insert(struct tree *t, int key, void *value);
typedef unsigned long long uint64;
typedef int (*visit_fn)(struct node *n, void *arg);
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(x, y) ((x) < (y) ? (x) : (y))
#define COLOUR_RED 0x01 /* bright red */
# define _SHAPE_H 1
#ifndef GARDEN_H
#endif /* GARDEN_H */
#if defined(__cplusplus) && __cplusplus >= 201103L
#elif WIDTH > 32
#include <sys/types.h>
#pragma once
# undef max
struct point { int x, y; };
unsigned short flags; /* see below */
char name[64];
struct list_head *next, *prev;
union { float f; unsigned u; } bits;
enum { MODE_READ = 1, MODE_WRITE = 2 };
const char *suffix; size_t suffix_len;
int i, j, k;
unsigned char *p = data;
p = strchr(p + 1, ',');
if (p == NULL || *p == '\0') return -1;
if (n <= 0 || n > MAX_LINES)
if (x->left) walk(x->left, fn, arg);
else if (key < t->key) t = t->left;
for (; *s; s++) if (*s == c) count++;
for (i = 0; i < n; i++)
while (lo < hi) { mid = (lo + hi) / 2; }
do { q = q->next; } while (q != head);
case 'x': hex = 1; break;
default: abort();
break;
return (a << 8) | b;
return p - start;
*out++ = digits[v & 15];
a[i] ^= b[i]; b[i] ^= a[i];
buf = realloc(buf, cap *= 2);
memset(&key, 0, sizeof key);
snprintf(out, sizeof out, "%d:%02d", m, s);
sum = (sum & 0xffff) + (sum >> 16);
extern char *basename (const char *__path) __THROW __nonnull ((1));
extern double cbrt (double __x) __attribute__ ((__const__));
__extension__ extern long long int __absll (long long int __n);
BEGIN_DECLS
} __attribute__((packed));
inline const std::string& name() const { return name_; }
explicit Matrix(std::size_t rows, std::size_t columns);
Matrix(const Matrix&) = delete;
std::map<std::string, std::vector<int>> index_;
for (const auto& [word, count] : counts) total += count;
return std::move(result);
template <class T, class = std::enable_if_t<std::is_integral_v<T>>>
using Pair = std::pair<int, int>;
friend std::ostream& operator<<(std::ostream& out, const Point& p);
static_assert(sizeof(int) == 4, "int must have four bytes");
std::sort(begin, end, [](auto& a, auto& b) { return a.size() < b.size(); });
const auto it = cache.find(key); if (it != cache.end()) return it->second;
func NewReader(r io.Reader) *Reader { return &Reader{r: r} }
func (t *Tree) Len() int { return t.n }
if n := len(s); n > 0 && s[n-1] == '/' {
for _, f := range fields {
switch x := v.(type) {
case int, int64: return "integer"
return fmt.Sprintf("(%d, %d)", p.X, p.Y)
var colours = map[string]int{"red": 1, "blue": 2}
const maxDepth = 10
type Option func(*config)
b := make([]byte, 0, 64)
i++
x, ok := m[key]
defer mu.Unlock()
go worker(jobs, results)
select { case v := <-ch: use(v); default: }
pub fn len(&self) -> usize { self.items.len() }
impl<T: Clone> Stack<T> {
let n = self.count.checked_add(1)?;
if let Some(x) = map.get(&key) {
for (i, c) in text.chars().enumerate() {
use crate::tree::{Node, Walk};
assert_eq!(v.iter().sum::<i32>(), 6);
fn main() -> Result<(), Box<dyn Error>> {
let name = args.next().unwrap_or_default();
pub enum Shape { Circle(f64), Square { side: f64 } }
struct Wrapper<'a>(&'a str);
trait Draw { fn draw(&self); }
mod tests { use super::*; }
let s: String = words.join(" ");
my $self = shift;
my %seen; my @unique = grep { !$seen{$_}++ } @list;
return unless defined $name && length $name;
push @{ $self->{children} }, $child;
$count{$1}++ while $line =~ /(\w+)/g;
sub new { my ($class, %args) = @_; return bless { %args }, $class; }
local $_ = $text;
our @EXPORT_OK = qw(min max sum);
if (ref $x eq 'ARRAY') { $n = @$x }
package Garden::Tree;
die "usage: $0 file\n" unless @ARGV;
=head2 walk
private static final int SIZE = 16;
public Iterator<E> iterator() { return new Itr(); }
if (index < 0 || index >= size) {
this.head = new Node<>(null, null);
return Objects.hash(name, age);
int mid = (low + high) >>> 1;
List<Integer> list = new ArrayList<>(capacity);
for (Map.Entry<String, Integer> e : map.entrySet())
public boolean equals(Object o) {
catch (InterruptedException e) { Thread.currentThread().interrupt(); }
* @param name the name of the colour
* @return true if the set is empty
super(title, author);
const { width, height } = canvas;
if (!Array.isArray(value)) value = [value];
let i = 0, n = list.length;
return a.x - b.x || a.y - b.y;
el.className = 'open';
el.style.left = x + 'px';
export const sum = (a, b) => a + b;
export class Vector {
constructor(x, y) { this.x = x; this.y = y; }
var e=t.length,n=0;for(;n<e;n++)r.push(t[n]);
function(e,t){return e.test(t)}
const re = /^[a-z]+$/i;
while ((match = re.exec(text)) !== null) {
import { useState } from 'react';
window.requestAnimationFrame(draw);
def initialize(name, age)
@name = name
return enum_for(:each) unless block_given?
module Shapes
unless list.empty?
x.each_with_index do |item, i|
local function walk(node, depth)
for k, v in pairs(t) do t2[k] = v end
if type(x) ~= "table" then return x end
where go acc [] = acc
import qualified Data.Map as Map
instance Show Tree where
let x = f y in g x
function y = scale(x, a)
for k = 1:n, s = s + x(k)^2; end
if [[ $# -lt 2 ]]; then usage; exit 1; fi
case "$1" in -h|--help) usage ;; esac
dir=$(dirname "$0")
set -- "$@" --quiet
[ -d "$dir" ] || mkdir -p "$dir"
local i n=${#list[@]}
sed -e 's/^ *//' -e '/^$/d' "$file" | tr a-z A-Z
awk -F, '{ sum[$1] += $2 } END { for (k in sum) print k, sum[k] }'
%.o: %.c
CFLAGS += -Wall -O2
target_link_libraries(garden PRIVATE shapes m)
if(NOT DEFINED VERSION)
set(SOURCES tree.c leaf.c)
FROM alpine:3.19
COPY --chown=app . /srv
<td class="name">Apple</td><td>3</td>
<option value="de" selected>German</option>
<xs:element name="title" type="xs:string"/>
margin: 0 auto; padding: 1em;
.grid > .cell:nth-child(2n) { background: #eee; }
h1, h2, h3 { font-weight: normal; }
WHERE year BETWEEN 1990 AND 1999
LEFT JOIN authors ON books.author_id = authors.id
{2, "ENOENT", "no such file or directory"},
{name: "Add", argLength: 2, commutative: true},
MODE_FULL_WIDTH = 0x10
WIDTH_DEFAULT     = -1
OP_SHIFT_LEFT = 12
FLAG_COMPRESSED, FLAG_ENCRYPTED,
Name:    "garden",
Count:   len(items),
case 3: // upper half
case token.ADD, token.SUB:
return &Point{X: x, Y: y}, nil
"tree.leaf": {width: 3, depth: 2},
if opts.colour or opts.force:
elif state is None:
copy_all=False, owner=None):
shape=shape,
on_error: Callable[[str], None] = print,
) -> Optional[Tree]:
:returns: the number of leaves below the node
:class:`Reader` objects are not safe to share between threads,
GARDEN_API int garden_open(
int garden_walk(garden_tree *tree, garden_visit_fn visit, void *arg);
(void) argc;
#error "this compiler is too old"
=head1 SYNOPSIS
=item width
- shape: the outline of the leaf, or NULL
GROUP BY city ORDER BY count(*) DESC LIMIT 5;
price NUMERIC(8, 2) NOT NULL DEFAULT 0,
CREATE INDEX books_by_title ON books (title);
)text";

}  // namespace logsieve
